"""What is inside the program that is shipped, and what it runs with: for its copyright file and its bills of materials."""
import dataclasses
import datetime
import hashlib
import json
import os
import pathlib
import re
import subprocess
import urllib.parse

root = pathlib.Path(__file__).resolve().parent.parent


@dataclasses.dataclass(frozen=True)
class Component:
    name: str
    version: str
    # Where it comes from, as SPDX writes it, and as a package URL.
    location: str
    purl: str
    # An expression of SPDX.
    licence: str
    # Files with the terms.
    terms: tuple[pathlib.Path, ...]


def run(*command):
    return subprocess.run(command, cwd=root, capture_output=True, text=True, check=True).stdout


# Debian's archives by their binary packages; what is not here has to be looked up in its copyright file first.
debian_licences = {
    "libc6": "LGPL-2.1-or-later",
    "libgit2-dev": "LicenseRef-libgit2",
    "libhttp-parser-dev": "MIT",
    "libmbedtls-dev": "Apache-2.0 OR GPL-2.0-or-later",
    "libpcre2-dev": "BSD-3-Clause",
    "libsqlite3-dev": "blessing",
    "libyaml-dev": "MIT",
    "zlib1g-dev": "Zlib",
    "libstdc++-dev": "GPL-3.0-or-later WITH GCC-exception-3.1",
    "libgcc-s1": "GPL-3.0-or-later WITH GCC-exception-3.1",
}
# The licence that is no identifier of SPDX.
libgit2_terms = """GPL-2.0-only, with this exception: In addition to the permissions in the GNU General Public License, the authors \
give you unlimited permission to link the compiled version of this library into combinations with other programs, and to distribute \
those combinations without any restriction coming from the use of this file. (The General Public License restrictions do apply in other \
respects; for example, they cover modification of the file, and distribution when not linked into a combined executable.)"""


def release(path="/etc/os-release"):
    """What that file says: `ID`, `VERSION_ID`…"""
    lines = pathlib.Path(path).read_text().splitlines()
    return {key: value.strip('"') for key, _, value in (line.partition("=") for line in lines) if key}


# What `dpkg-query` and `dpkg-deb` are asked for.
debian_fields = "${Package}\t${Version}\t${Architecture}\t${source:Package}\t${source:Version}"


def debian_component(fields, system, terms=()):
    """A package of Debian, or of what /etc/os-release says in `system`, by its `debian_fields`."""
    name, version, architecture, source, source_version = fields.split("\t")
    generic = re.sub(r"-\d+-dev$", "-dev", name)
    return Component(
        name, version, f"https://snapshot.debian.org/package/{source}/{source_version}/",
        f"pkg:deb/{system['ID']}/{urllib.parse.quote(name)}@{urllib.parse.quote(version)}?arch={architecture}&distro={system['ID']}-{system['VERSION_ID']}",
        debian_licences.get(generic, "NOASSERTION"), terms)


def debian(package):
    """An installed package of Debian."""
    copyright_file = pathlib.Path(f"/usr/share/doc/{package}/copyright")
    return debian_component(
        run("dpkg-query", "-W", "-f", debian_fields, package), release(), (copyright_file,) if copyright_file.exists() else ())


def owner(path):
    """The Debian package that a file is of; dpkg may know it by another name of its folder (/lib is /usr/lib)."""
    real = str(pathlib.Path(path).resolve())
    for name in (real, real.removeprefix("/usr"), "/usr" + real):
        found = subprocess.run(["dpkg", "-S", name], capture_output=True, text=True)
        if found.returncode == 0:
            return found.stdout.split(":", 1)[0]
    raise SystemExit(f"{path} is of no Debian package")


def linked_archives():
    """The Debian packages of the archives that the linker took (scripts/static-libraries)."""
    folder = root / ".build/static-libraries"
    paths = [path.resolve() for path in folder.glob("lib*.a") if path.is_symlink()]
    script = folder / "libgit2.a"
    if script.exists():
        paths += [path for path in map(pathlib.Path, re.findall(r"/[^ )]+\.a", script.read_text())) if path.parent != folder]
    return [debian(package) for package in sorted({owner(path) for path in paths})]


def shared_libraries(program):
    """The Debian packages of the libraries that the program loads."""
    needed = re.findall(r"\(NEEDED\).*\[(.+)\]", run("readelf", "-dW", program))
    paths = re.findall(r"(/\S+) \(", run("ldd", program))
    found = {pathlib.Path(path).name: path for path in paths}
    return [debian(package) for package in sorted({owner(found[name]) for name in needed})]


def swift_packages():
    """The packages of the graph, with what depends on what: [(component, [identity])], the first one being ours."""
    pins = {pin["identity"]: pin for pin in json.loads((root / "Package.resolved").read_text())["pins"]}
    graph = {}

    def visit(package):
        graph.setdefault(package["identity"], sorted(below["identity"] for below in package["dependencies"]))
        for below in package["dependencies"]:
            visit(below)

    visit(json.loads(run("swift", "package", "show-dependencies", "--format", "json")))
    found = []
    for identity, below in sorted(graph.items()):
        if identity not in pins:
            continue
        pin = pins[identity]
        address = pin["location"].removesuffix(".git")
        checkout = next(path for path in (root / ".build/checkouts").iterdir() if path.name.lower() == address.rsplit("/", 1)[1].lower())
        terms = tuple(sorted(path for path in checkout.iterdir() if re.match(r"(LICENSE|NOTICE)", path.name)))
        licence = "Apache-2.0" if "Apache License" in terms[0].read_text() else "MIT" if "Permission is hereby granted, free" in terms[0].read_text() else "NOASSERTION"
        found.append((identity, Component(
            identity, pin["state"]["version"], f"git+{address}@{pin['state']['revision']}",
            f"pkg:swift/{address.removeprefix('https://')}@{pin['state']['version']}", licence, terms), below))
    ours = [identity for identity in graph if identity not in pins]
    assert len(ours) == 1, ours
    return graph[ours[0]], found


def swift_runtime():
    toolchain = pathlib.Path(run("which", "swift").strip()).resolve().parent.parent
    version = re.search(r"Swift version (\S+)", run("swift", "--version")).group(1)
    return Component(
        "swift-runtime", version, f"git+https://github.com/swiftlang/swift@swift-{version}-RELEASE",
        f"pkg:swift/github.com/swiftlang/swift@{version}", "Apache-2.0 WITH Swift-exception",
        tuple(path for path in [toolchain / "share/swift/LICENSE.txt"] if path.exists()))


def moment():
    """When the version was made that is built, as `scripts/make-dist` says: the same for every build of it."""
    seconds = int(os.environ.get("SOURCE_DATE_EPOCH", "0"))
    return datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc)


class Document:
    """A bill of materials. Source: https://spdx.github.io/spdx-spec/v2.3/."""

    def __init__(self, name, version, purpose, licence):
        self.name, self.version = name, version
        self.subject = f"SPDXRef-{name}"
        self.relationships, self.files = [], []
        self.packages = [{
            "SPDXID": self.subject, "name": name, "versionInfo": version, "downloadLocation": "NOASSERTION",
            "filesAnalyzed": False, "primaryPackagePurpose": purpose, "licenseConcluded": licence, "licenseDeclared": licence,
            "copyrightText": "NOASSERTION",
        }]
        self.relate("SPDXRef-DOCUMENT", "DESCRIBES", self.subject)

    @staticmethod
    def identifier(kind, name):
        return f"SPDXRef-{kind}-" + re.sub(r"[^A-Za-z0-9.-]", "-", name)

    def relate(self, one, kind, other):
        self.relationships.append({"spdxElementId": one, "relationshipType": kind, "relatedSpdxElement": other})

    def add(self, kind, component):
        identifier = self.identifier(kind, component.name)
        self.packages.append({
            "SPDXID": identifier, "name": component.name, "versionInfo": component.version,
            "downloadLocation": component.location, "filesAnalyzed": False, "licenseConcluded": component.licence,
            "licenseDeclared": component.licence, "copyrightText": "NOASSERTION",
            "externalRefs": [
                {"referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl", "referenceLocator": component.purl}],
        })
        return identifier

    def add_program(self, path, name):
        identifier = f"SPDXRef-File-{pathlib.Path(name).name}"
        self.files.append({
            "SPDXID": identifier, "fileName": name, "fileTypes": ["BINARY"], "copyrightText": "NOASSERTION",
            "licenseConcluded": "NOASSERTION", "licenseInfoInFiles": ["NOASSERTION"],
            "checksums": [
                {"algorithm": "SHA1", "checksumValue": digest(path, "sha1")},
                {"algorithm": "SHA256", "checksumValue": digest(path)},
            ],
        })
        # SPDX has a package contain files only where all of them were analysed.
        self.relate(identifier, "GENERATED_FROM", self.subject)
        return identifier

    def text(self, about):
        """The document; `about` is the digest of what it is about, for its name."""
        document = {
            "spdxVersion": "SPDX-2.3", "dataLicense": "CC0-1.0", "SPDXID": "SPDXRef-DOCUMENT",
            "name": f"{self.name}-{self.version}",
            # A name, one for each thing that was ever built: there is nothing at that address.
            "documentNamespace": f"https://spdx.org/spdxdocs/{self.name}-{self.version}-{about}",
            "creationInfo": {"created": moment().strftime("%Y-%m-%dT%H:%M:%SZ"), "creators": ["Tool: promote-make-sbom"]},
            "packages": self.packages, "relationships": self.relationships,
        }
        if self.files:
            document["files"] = self.files
        if any(package["licenseDeclared"] == "LicenseRef-libgit2" for package in self.packages):
            document["hasExtractedLicensingInfos"] = [{
                "licenseId": "LicenseRef-libgit2", "name": "GPL-2.0-only with the linking exception of libgit2",
                "extractedText": libgit2_terms,
            }]
        return json.dumps(document, indent=1) + "\n"


def digest(path, algorithm="sha256"):
    return hashlib.new(algorithm, pathlib.Path(path).read_bytes()).hexdigest()
