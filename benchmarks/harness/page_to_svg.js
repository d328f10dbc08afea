// SPDX-License-Identifier: MIT

// page_to_svg.js PAGE FOLDER: writes the plots of a page that `--html` made as SVG files, named
// after their titles. Needs nothing but node: the page has the library and the plots.
"use strict";
const fs = require("fs");
const path = require("path");
const vm = require("vm");

const [page, folder] = process.argv.slice(2);
if (!folder) {
  console.error("page_to_svg.js PAGE FOLDER");
  process.exit(2);
}
const html = fs.readFileSync(page, "utf8");
const element = (id) => {
  const found = html.match(new RegExp(`<script id="${id}"[^>]*>([^]*?)</script>`));
  if (!found) throw new Error(`${page}: no element "${id}"`);
  return found[1];
};
const library = { exports: {} };
vm.runInThisContext(`(function (module, exports) {${element("library")}\n})`)(
  library,
  library.exports,
);
const charts = JSON.parse(element("charts"));
for (const chart of charts) {
  const size = { renderer: "svg", ssr: true, width: chart.width, height: chart.height };
  const drawn = library.exports.init(null, null, size);
  drawn.setOption(chart.option);
  const name = chart.option.title.text.toLowerCase().replace(/[^a-z0-9]+/g, "-");
  fs.writeFileSync(path.join(folder, `${name.replace(/-$/, "")}.svg`), drawn.renderToSVGString());
}
console.log(`${charts.length} plots`);
process.exit(0);
