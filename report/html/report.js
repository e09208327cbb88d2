/* Search, filters, and opening what a link leads to. The report can be read without. */
"use strict";
document.addEventListener("DOMContentLoaded", function () {
	var form = document.getElementById("filter");

	function open(element) {
		for (var e = element; e; e = e.parentElement)
			if (e.tagName === "DETAILS")
				e.open = true;
	}

	/* Where a link leads is opened, shown even when a filter hid it, and read next. */
	function follow() {
		var target = location.hash.length > 1 && document.getElementById(location.hash.slice(1));
		var session = target && target.closest(".session");

		if (!target)
			return;
		open(target);
		if (session)
			session.hidden = false;
		if (!target.hasAttribute("tabindex"))
			target.setAttribute("tabindex", "-1");
		target.focus({ preventScroll: true });
		target.scrollIntoView({ block: session && target.tagName === "g" ? "center" : "start" });
	}

	function filter() {
		var words = document.getElementById("search").value.toLowerCase().split(/\s+/).filter(Boolean);
		var outcome = document.getElementById("by-outcome").value;
		var finding = document.getElementById("by-finding").value;
		var chunks = document.querySelectorAll(".chunk"), n = 0, all = 0;

		chunks.forEach(function (chunk) {
			var shown = 0;

			for (var s = chunk.firstElementChild; s; s = s.nextElementSibling) {
				var text = s.words || (s.words = s.textContent.toLowerCase());
				var fits = (!outcome || s.dataset.o === outcome || (outcome === "!" && s.dataset.o !== "delivered")) &&
					(!finding || s.dataset.f.split(" ").indexOf(finding) >= 0) &&
					words.every(function (word) { return text.indexOf(word) >= 0; });

				s.hidden = !fits;
				shown += fits;
				all++;
			}
			chunk.hidden = shown === 0;
			n += shown;
		});
		document.getElementById("found").value = n === all ? "all " + all + " attempts" : n + " of " + all + " attempts";
	}

	/* While somebody types: not for each letter. */
	var waiting = 0;
	function soon() {
		clearTimeout(waiting);
		waiting = setTimeout(filter, 120);
	}

	if (form) {
		form.hidden = false;
		form.addEventListener("input", soon);
		form.addEventListener("submit", function (event) { event.preventDefault(); filter(); });
		form.addEventListener("reset", function () { setTimeout(filter, 0); });
	}
	window.addEventListener("hashchange", follow);
	document.addEventListener("click", function (event) {
		var link = event.target.closest("a[href^='#']");

		if (link && link.getAttribute("href") === location.hash) /* again: no hashchange then */
			follow();
	});
	window.addEventListener("beforeprint", function () {
		document.querySelectorAll(".finding, .few .session:not([hidden])").forEach(function (d) { d.open = true; });
	});
	follow();
});
