// SPDX-License-Identifier: MIT

// sbom.js LIBRARY VERSION HOME AUTHORS <ARCHIVES: prints what is inside the binaries of a release as
// CycloneDX has it. LIBRARY is CycloneDX's own, ARCHIVES what list_archives.sh prints.

globalThis.self = globalThis; // where the library, which is built for browsers too, looks for itself
const fs = require("fs");
const path = require("path");

const [library, version, home, authors] = process.argv.slice(2);
const {Enums, Models, Serialize, Spec} = require(path.resolve(library));

// What goes into binaries; all other archives are for tests and tools.
const INSIDE = {
  "abseil-cpp": {license: "Apache-2.0", of: "https://github.com/abseil/abseil-cpp"},
  nlohmann_json: {license: "MIT", of: "https://github.com/nlohmann/json"},
};

function component(name, componentVersion, license, url, purl) {
  const made = new Models.Component(Enums.ComponentType.Library, name, {
    bomRef: purl,
    purl,
    version: componentVersion,
  });
  made.licenses.add(new Models.SpdxLicense(license));
  made.externalReferences.add(
    new Models.ExternalReference(url, Enums.ExternalReferenceType.Website),
  );
  return made;
}

const github = (url, tag) => url.replace("https://github.com/", "pkg:github/") + "@" + tag;
const root = component("interprocess", version, "MIT", home, github(home, `v${version}`));
root.author = authors;
const bom = new Models.Bom();
bom.metadata.component = root;

const archives = fs.readFileSync(0, "utf8").trim().split("\n").map((line) => line.split(" "));
for (const [name, sha256, url, pinned] of archives) {
  if (!(name in INSIDE)) continue;
  const {license, of} = INSIDE[name];
  const part = component(name, pinned, license, of, github(of, pinned));
  const reference = new Models.ExternalReference(url, Enums.ExternalReferenceType.Distribution);
  reference.hashes.set(Enums.HashAlgorithm["SHA-256"], sha256);
  part.externalReferences.add(reference);
  bom.components.add(part);
  root.dependencies.add(part.bomRef);
}
if (bom.components.size !== Object.keys(INSIDE).length) {
  throw new Error("archives.bzl lacks one of " + Object.keys(INSIDE).join(", "));
}

const normalize = new Serialize.JSON.Normalize.Factory(Spec.Spec1dot6);
const json = new Serialize.JsonSerializer(normalize);
process.stdout.write(json.serialize(bom, {sortLists: true, space: 2}) + "\n");
