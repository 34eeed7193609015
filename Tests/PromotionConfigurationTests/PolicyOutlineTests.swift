import GitOpsTypes
import PromoteTestSupport
import PromotionConfiguration
import PromotionDomain
import Testing

/// A policy that is read again from a few of its files is the same policy.
@Suite struct PolicyOutlineTests {
    private let loader = PolicyLoader(zones: NoTimeZones())

    private func document(_ kind: String, _ name: String, _ spec: String) -> String {
        "apiVersion: promote/v1alpha1\nkind: \(kind)\nmetadata: { name: \(name) }\nspec: \(spec)\n"
    }

    /// Files with applications of every kind, in files of their own and in others.
    private func files(seed: UInt64) -> [String: String] {
        var random = SeededGenerator(seed: seed)
        var files = [
            "environments.yaml": document("Environment", "dev", "{ promotesFrom: [build] }"),
            "teams.yaml": document("Team", "builders", "{ members: [a@example.org, b@example.org] }"), "notes.txt": "no YAML\n",
        ]
        for number in 0..<40 {
            let image = "registry.example/app-\(number)"
            let specs = [
                "images: [{ name: \(image) }], overlay: \"apps/app-\(number)/{environment}\"",
                "images: [{ name: \(image) }], overlay: \"apps/{application}/{environment}\", builders: [builders]",
                "images: [{ name: \(image) }, { name: \(image)-more }], overlay: \"more/{application}/{environment}\", builders: [ci]",
                "images: [{ name: \(image), select: { newest: true } }], overlay: \"newest/{application}/{environment}\"",
                "images: [{ name: \(image) }], overlay: \"other/{application}/{environment}\", kustomize: \"5.5\"",
                "images: [{ name: \(image) }], manifests: \"plain/\(number)/{environment}\"",
                "images: [{ name: \(image) }], overlay: \"f/{application}/{environment}\", files: [\"f/{application}/{environment}.tf\"]",
            ]
            let text = document("Application", "app-\(number)", "{ \(specs[Int.random(in: 0..<specs.count, using: &random)]) }")
            let name = ["app-\(number).yaml", "apps-\(number % 3).yaml", "teams.yaml"][Int.random(in: 0..<3, using: &random)]
            files[name] = files[name].map { $0 + "---\n" + text } ?? text
        }
        return files
    }

    @Test(arguments: 0..<24 as Range<UInt64>) func `A policy in short is the policy`(_ seed: UInt64) throws {
        let files = files(seed: seed).mapValues { Array($0.utf8) }
        let id = try #require(BlobID(String(repeating: "1", count: 40)))
        let (policy, outline) = try loader.outlined(files, versions: files.mapValues { _ in id })
        #expect(try policy == loader.load(files))
        #expect(outline.count > 0 && outline.files.count < files.count)
        let kept = try #require(PolicyOutline(bytes: outline.bytes))
        #expect(kept == outline)
        #expect(try loader.load(kept, files.filter { kept.files[$0.key] != nil }) == policy)
    }

    @Test func `An outline of other files makes no policy, and other bytes no outline`() throws {
        let files = files(seed: 1).mapValues { Array($0.utf8) }
        let id = try #require(BlobID(String(repeating: "1", count: 40)))
        let outline = try loader.outlined(files, versions: files.mapValues { _ in id }).outline
        #expect(try loader.load(outline, files.filter { !$0.key.hasPrefix("app") && $0.key != "teams.yaml" }) == nil)
        for bytes in ["", "x\n\n", "\n\na\tb\n", outline.bytes.isEmpty ? "" : "\nmodel\tname\tp{x}\timage\n"] {
            #expect(PolicyOutline(bytes: Array(bytes.utf8)) == nil, "\(bytes)")
        }
    }
}
