import ManifestRendering
import Testing

/// Patterns of paths.
@Suite struct PartedGlobTests {
    @Test(arguments: [
        ("apps/*", ["apps/web"], ["apps", "apps/web/dev", "other/web"]),
        ("apps/**", ["apps", "apps/web", "apps/web/dev"], ["other"]),
        ("**/values.yaml", ["values.yaml", "a/values.yaml", "a/b/values.yaml"], ["values.yml", "values.yaml/a"]),
        ("a/**/b/*c", ["a/b/c", "a/x/y/b/xc", "a/b/b/c"], ["a/c", "a/b/x"]),
        ("w?b/*-*", ["web/a-b", "wib/-"], ["wb/a-b", "web/ab", "weeb/a-b"]),
    ])
    func `A pattern matches these and not those`(_ pattern: String, _ these: [String], _ those: [String]) {
        let glob = PartedGlob(pattern)
        func parts(_ path: String) -> [String] { path.split(separator: "/").map(String.init) }
        for path in these { #expect(glob.matches(parts(path)), "\(path)") }
        for path in those { #expect(!glob.matches(parts(path)), "\(path)") }
    }
}
