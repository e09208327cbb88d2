// How soon a report is seen: first paint, loading, one search. usage: paint.mjs NPM_FOLDER BROWSER REPORT; prints JSON.
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const [npm, executablePath, report] = process.argv.slice(2);
const { chromium } = createRequire(npm + "/package.json")("playwright-core");
const browser = await chromium.launch({ executablePath, args: process.getuid() === 0 ? ["--no-sandbox"] : [] });
const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });

await page.goto(pathToFileURL(report).href, { waitUntil: "load", timeout: 120000 });
const seen = await page.evaluate(async () => {
	const frame = () => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve, 0)));
	const paint = performance.getEntriesByType("paint").find((entry) => entry.name === "first-contentful-paint");
	const loaded = performance.getEntriesByType("navigation")[0].loadEventEnd;
	const form = document.getElementById("filter");

	document.getElementById("search").value = "550";
	const began = performance.now();
	form.requestSubmit();
	await frame();
	return { paint: paint.startTime, loaded, search: performance.now() - began,
		found: [...document.querySelectorAll(".session")].filter((s) => !s.hidden).length };
});
console.log(JSON.stringify(seen));
await browser.close();
