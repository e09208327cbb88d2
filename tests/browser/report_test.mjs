// Looks at HTML reports in a browser. usage: report_test.mjs NPM_FOLDER WORK.json, which html_test.py writes.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const [npm, workFile] = process.argv.slice(2);
const require = createRequire(npm + "/package.json");
const { chromium } = require("playwright-core");
const axe = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
const work = JSON.parse(readFileSync(workFile, "utf8"));
const WIDE = { width: 1280, height: 800 }, NARROW = { width: 400, height: 800 };
const TABS_MAX = 400;
const complaints = [];
const counts = { findings: 0, links: 0, attempts: 0, searches: 0 };

function complain(report, text) {
	complaints.push(`${report.name}: ${text}`);
}

// Everything that must not happen, whatever else is looked at.
function watch(page, report) {
	page.on("console", (message) => {
		if (["error", "warning"].includes(message.type()))
			complain(report, `console: ${message.text()}`);
	});
	page.on("pageerror", (error) => complain(report, `script: ${error.message}`));
	page.on("dialog", (dialog) => { complain(report, "a dialog"); dialog.dismiss(); });
	page.on("request", (request) => {
		if (request.url().split("#")[0] !== pathToFileURL(report.html).href)
			complain(report, `request to ${request.url()}`);
	});
}

async function visit(context, report, hash = "") {
	const page = await context.newPage();
	watch(page, report);
	await page.goto(pathToFileURL(report.html).href + hash);
	return page;
}

// What the document says, against the JSON of the same run.
async function content(page, report, facts) {
	const seen = await page.evaluate(() => ({
		ids: [...document.querySelectorAll("[id]")].map((e) => e.id),
		dangling: [...document.querySelectorAll("a[href^='#']")].map((a) => a.getAttribute("href"))
			.filter((href) => !document.getElementById(href.slice(1))),
		otherLinks: [...document.querySelectorAll("a:not([href^='#'])")].length,
		foreign: [...document.querySelectorAll("img, iframe, object, embed, link, base, image, use, [style]")].length,
		handlers: [...document.querySelectorAll("*")].filter((e) => e.getAttributeNames().some((n) => n.startsWith("on"))).length,
		scripts: document.scripts.length,
		sessions: document.querySelectorAll(".session").length,
		evidence: document.querySelectorAll(".evidence a").length,
		hacked: window.hacked,
		headings: [...document.querySelectorAll("h1, h2, h3, h4")].map((h) => +h.tagName[1]),
	}));
	if (new Set(seen.ids).size !== seen.ids.length)
		complain(report, "an id comes twice");
	for (const href of seen.dangling)
		complain(report, `${href} leads nowhere`);
	if (seen.otherLinks || seen.foreign || seen.handlers || seen.scripts !== 1 || seen.hacked)
		complain(report, `foreign elements: ${JSON.stringify({ ...seen, ids: 0, headings: 0 })}`);
	if (seen.sessions !== facts.sessions.length)
		complain(report, `${seen.sessions} attempts, JSON has ${facts.sessions.length}`);
	for (const finding of facts.findings)
		if (!seen.ids.includes(`f${finding.id}`))
			complain(report, `finding ${finding.rule} is missing`);
	if (seen.headings.some((level, i) => i > 0 && level > seen.headings[i - 1] + 1))
		complain(report, "a level of headings is left out");
	counts.links += seen.evidence;
	counts.findings += facts.findings.length;
	counts.attempts += seen.sessions;
}

// With the Tab key alone: the skip link, the links of the main diagnosis, and each other finding, which Enter opens.
async function keyboard(page, report, facts) {
	const reached = new Set();

	await page.keyboard.press("Tab");
	if (await page.evaluate(() => document.activeElement.className) !== "skip")
		complain(report, "the first stop of the keyboard is not the skip link");
	await page.keyboard.press("Enter");
	if (await page.evaluate(() => document.activeElement.id) !== "main")
		complain(report, "the skip link does not lead to the diagnosis");
	for (let i = 0; i < TABS_MAX; i++) {
		await page.keyboard.press("Tab");
		const at = await page.evaluate(() => {
			const e = document.activeElement, finding = e.closest(".finding");
			return { isBody: e === document.body, isTarget: e.tabIndex < 0, isAttempt: !!e.closest("#attempts"), isSummary: e.tagName === "SUMMARY",
				finding: finding && finding.querySelector(".body").id, isOpen: !!finding && finding.open,
				outline: getComputedStyle(e).outlineStyle, name: e.outerHTML.slice(0, 80) };
		});
		if (at.isBody || at.isAttempt)
			break;
		if (at.outline === "none" && !at.isTarget) // the skip link leads to what Tab does not reach
			complain(report, `${at.name} has the focus and does not show it`);
		if (!at.finding || !at.isSummary || reached.has(at.finding))
			continue;
		reached.add(at.finding);
		await page.keyboard.press("Enter");
		if (!await page.locator("#" + at.finding).isVisible())
			complain(report, `Enter does not open finding ${at.finding}`);
	}
	if (reached.size < facts.findings.length - 1 && reached.size < TABS_MAX / 10)
		complain(report, `the keyboard reaches ${reached.size} of ${facts.findings.length - 1} other findings`);
	if (facts.findings.length > 0 && !await page.locator(`#f${facts.findings[0].id}`).isVisible())
		complain(report, "the main diagnosis cannot be seen");
}

// Every link of evidence opens its attempt and shows the packet.
async function links(page, report) {
	const lost = await page.evaluate(async () => {
		const bad = [];
		for (const a of document.querySelectorAll(".evidence a, .flags a")) {
			a.click();
			await new Promise((resolve) => setTimeout(resolve, 0));
			const target = document.getElementById(a.getAttribute("href").slice(1));
			for (let e = target; e; e = e.parentElement)
				if (e.tagName === "DETAILS" && !e.open)
					bad.push(a.getAttribute("href"));
		}
		return bad;
	});
	for (const href of new Set(lost))
		complain(report, `the link ${href} does not open what it leads to`);
}

// How many attempts can be seen, once they are n, or after a while.
async function shown(page, n) {
	const count = () => [...document.querySelectorAll(".session")].filter((s) => s.checkVisibility()).length;

	for (let i = 0; i < 60; i++) {
		const seen = await page.evaluate(count);
		if (seen === n)
			return n;
		await page.waitForTimeout(50);
	}
	return page.evaluate(count);
}

async function filters(page, report, facts) {
	const first = facts.sessions[0];

	if (!first)
		return;
	const failed = facts.sessions.filter((s) => s.outcome !== "delivered").length;
	const expected = await page.evaluate((word) => [...document.querySelectorAll(".session")]
		.filter((s) => s.textContent.toLowerCase().includes(word)).length, first.client.address);
	const steps = [
		["search", () => page.fill("#search", first.client.address.toUpperCase()), expected],
		["search for nothing there", () => page.fill("#search", "nowhere.invalid"), 0],
		["Show all", () => page.click("button[type=reset]"), facts.sessions.length],
		["outcome", () => page.selectOption("#by-outcome", "!"), failed],
		["Show all again", () => page.click("button[type=reset]"), facts.sessions.length],
	];
	const finding = facts.findings.find((f) => f.sessions.length > 0);
	if (finding)
		steps.push(["finding", () => page.selectOption("#by-finding", String(finding.id)), finding.sessions.length]);
	for (const [name, act, n] of steps) {
		await act();
		const seen = await shown(page, n);
		if (seen !== n)
			complain(report, `${name} shows ${seen} attempts, not ${n}`);
		counts.searches++;
	}
	await page.click("button[type=reset]");
}

async function accessibility(page, report, scheme) {
	await page.emulateMedia({ colorScheme: scheme });
	const violations = await page.evaluate(async () => {
		const result = await window.axe.run(document, { resultTypes: ["violations"] });
		return result.violations.map((v) => ({ id: v.id, impact: v.impact, n: v.nodes.length, html: v.nodes[0].html }));
	});
	for (const v of violations)
		if (["serious", "critical"].includes(v.impact))
			complain(report, `axe (${scheme}): ${v.id}, ${v.n} times: ${v.html.slice(0, 160)}`);
}

async function narrow(page, report) {
	await page.setViewportSize(NARROW);
	const width = await page.evaluate(() => document.scrollingElement.scrollWidth);
	if (width > NARROW.width)
		complain(report, `at ${NARROW.width} pixels the page is ${width} wide`);
}

async function print(page, report) {
	await page.emulateMedia({ media: "print" });
	await page.waitForFunction(() => [...document.querySelectorAll(".finding .body")]
		.every((b) => b.checkVisibility({ contentVisibilityAuto: true })), null, { timeout: 10000 })
		.catch(() => complain(report, "a finding is not on paper"));
}

// The hostile capture: what came from the wire is there, as text.
async function hostile(page, report) {
	const text = await page.evaluate(() => document.body.textContent);
	for (const wanted of ["<script>window.hacked=1</script>", "<img src=x onerror=", "javascript:alert(1)", "\\x1b[31m"])
		if (!text.includes(wanted))
			complain(report, `${wanted} is not there as text`);
	if (/[\x00-\x08\x0b-\x1f\x7f]|[^\x00-\x7f\u2713\u2717\u00b7\u25c6]/.test(text))
		complain(report, "a control or foreign character came through");
}

async function withoutScripts(browser, report, facts) {
	const context = await browser.newContext({ viewport: WIDE, javaScriptEnabled: false });
	const session = facts.sessions[0];
	const page = await visit(context, report, session ? `#s${session.id}` : "");
	if (!await page.locator(".verdict h1").isVisible())
		complain(report, "nothing can be read without scripts");
	if (session && !await page.locator(`#s${session.id}`).isVisible())
		complain(report, "a link to an attempt does not open it without scripts");
	await context.close();
}

async function look(browser, context, report, number) {
	const facts = JSON.parse(readFileSync(report.json, "utf8"));
	const page = await visit(context, report);

	await content(page, report, facts);
	await keyboard(page, report, facts);
	await links(page, report);
	await filters(page, report, facts);
	if (report.is_hostile)
		await hostile(page, report);
	await page.evaluate(axe);
	await accessibility(page, report, "light");
	if (number % 8 === 0)
		await accessibility(page, report, "dark");
	await narrow(page, report);
	await page.close();
	if (number % 8 !== 0)
		return;
	const paper = await visit(context, report);
	await print(paper, report);
	await paper.close();
	await withoutScripts(browser, report, facts);
}

const browser = await chromium.launch({ executablePath: work.browser, args: work.as_root ? ["--no-sandbox"] : [] });
let next = 0;
async function worker() {
	const context = await browser.newContext({ viewport: WIDE });
	while (next < work.reports.length) {
		const number = next++;
		try {
			await look(browser, context, work.reports[number], number);
		} catch (error) {
			complain(work.reports[number], `${error.stack}`);
		}
	}
	await context.close();
}
await Promise.all([worker(), worker(), worker()]);
await browser.close();
console.log(complaints.join("\n"));
console.log(`html_test: ${work.reports.length} reports, ${counts.findings} findings, ${counts.links} links of evidence, ` +
	`${counts.attempts} attempts, ${counts.searches} searches, ${complaints.length} complaints`);
process.exitCode = complaints.length > 0 ? 1 : 0;
