import GitOpsTypes
import Testing

@testable import Kustomize

/// Kustomizations that build on other repositories at full commits.
@Suite struct RemoteBaseTests {
    private static let one = "1111111111111111111111111111111111111111"
    private static let two = "2222222222222222222222222222222222222222"
    private static let shared = "https://git.example/org/shared"
    private static let object = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n"

    /// Files of this repository, and of others by their addresses and commits.
    private func files(_ own: [String: String], _ others: [String: [String: String]]) throws -> MemoryFiles {
        var memory: [RepositoryPath: [UInt8]] = [:]
        for (path, text) in own { memory[try #require(RepositoryPath(path))] = Array(text.utf8) }
        for (name, files) in others {
            let repository = PinnedRepository(
                address: String(name.dropLast(41)), commit: try #require(CommitID(String(name.suffix(40)))))
            for (path, text) in files {
                memory[try #require(RepositoryPath(path, relativeTo: .root(of: repository)))] = Array(text.utf8)
            }
        }
        return MemoryFiles(memory)
    }

    private func render(
        _ files: any FileSource, _ loading: LoadRestrictions = .root, bases: RemoteBases = .pinned, sharing: SharedBases? = nil
    ) throws -> RenderedManifests {
        let dialect = KustomizeDialect(loading: loading, bases: bases)
        return try KustomizeRenderer(files: files, in: dialect, sharing: sharing).render(try #require(RepositoryPath("overlay")))
    }

    private func kustomization(_ resources: String..., more: String = "") -> String {
        "resources:\n" + resources.map { "- \"\($0)\"\n" }.joined() + more
    }

    private var base: [String: String] {
        [
            "deploy/kustomization.yaml": "resources: [../parts]\nnamePrefix: x-\n",
            "parts/kustomization.yaml": "resources: [a.yaml]\n",
            "parts/a.yaml": Self.object,
        ]
    }

    @Test func `A base of another repository is built with all that it builds on there`() throws {
        let own = [
            "overlay/kustomization.yaml": kustomization("\(Self.shared)//deploy?ref=\(Self.one)", more: "nameSuffix: -y\n")
        ]
        let rendered = try render(files(own, ["\(Self.shared)@\(Self.one)": base]))
        #expect(rendered.objects.map(\.name) == ["x-a-y"])
        #expect(rendered.repositories.map(\.description) == ["\(Self.shared)//?ref=\(Self.one)"])
    }

    @Test func `Without the application's word, it is refused with what to write`() throws {
        let own = ["overlay/kustomization.yaml": kustomization("\(Self.shared)//deploy?ref=\(Self.one)")]
        let files = try files(own, ["\(Self.shared)@\(Self.one)": base])
        #expect { try render(files, bases: .refused) } throws: { "\($0)".contains("write bases: {remote: pinned}") }
        // A base that is known from a render that may is built by none that may not.
        let (sharing, local) = (SharedBases(), ["overlay/kustomization.yaml": "resources: [../base]\n"])
        let nested = try self.files(
            local.merging(["base/kustomization.yaml": own["overlay/kustomization.yaml"] ?? ""]) { $1 },
            ["\(Self.shared)@\(Self.one)": base])
        #expect(try render(nested, sharing: sharing).objects.count == 1)
        #expect { try render(nested, bases: .refused, sharing: sharing) } throws: {
            "\($0)".contains("write bases: {remote: pinned}")
        }
    }

    @Test func `Another commit is another base, and one that is listed twice is there twice`() throws {
        let two = [
            "deploy/kustomization.yaml": "resources: [b.yaml]\n",
            "deploy/b.yaml": Self.object.replacing("name: a", with: "name: b"),
        ]
        let others = ["\(Self.shared)@\(Self.one)": base, "\(Self.shared)@\(Self.two)": two]
        func rendered(_ resources: String...) throws -> [String] {
            let text = "resources:\n" + resources.map { "- \"\($0)\"\n" }.joined()
            return try render(files(["overlay/kustomization.yaml": text], others)).objects.map(\.name).sorted()
        }
        let first = "\(Self.shared)//deploy?ref=\(Self.one)"
        #expect(try rendered(first, "\(Self.shared)//deploy?ref=\(Self.two)") == ["b", "x-a"])
        #expect { _ = try rendered(first, "git::\(Self.shared)//deploy/?ref=\(Self.one)") } throws: {
            "\($0)".contains("given twice")
        }
    }

    @Test func `A remote base may build on a third repository, pinned as well`() throws {
        let third = "git@git.example:org/third.git"
        let own = ["overlay/kustomization.yaml": kustomization("\(Self.shared)//deploy?ref=\(Self.one)")]
        func rendered(_ ref: String) throws -> RenderedManifests {
            let shared = ["deploy/kustomization.yaml": kustomization("\(third)//parts?ref=\(ref)")]
            return try render(files(own, ["\(Self.shared)@\(Self.one)": shared, "\(third)@\(Self.two)": base]))
        }
        #expect(try rendered(Self.two).repositories.map(\.address) == [third, Self.shared])
        #expect { _ = try rendered("main") } throws: { "\($0)".contains("\(Self.shared)//deploy/kustomization.yaml?ref=") }
    }

    /// Files of which one is a link that leads out of its repository.
    private struct LinkedFiles: FileSource {
        let files: MemoryFiles

        func entry(at path: RepositoryPath) -> FileSourceEntry { path.name == "link" ? .outside : files.entry(at: path) }
        func names(in directory: RepositoryPath) -> [String]? { files.names(in: directory) }
    }

    /// What a remote base builds on, and why not; nil for what it may.
    private static let escapes: [(path: String, problem: String?)] = [
        ("../../elsewhere", "leads out of the repository"), ("../../../elsewhere", "leads out of the repository"),
        ("/elsewhere", "leads out of the repository"), ("../parts/a.yaml", "is outside of the kustomization's directory"),
        ("../link", "leads out of the repository"), ("../elsewhere", "shared//elsewhere?ref=\(one) does not exist"),
        ("../parts", nil), ("b.yaml", nil),
    ]

    @Test(arguments: escapes, [LoadRestrictions.root, .none])
    func `Nothing of a remote base reads outside of its repository, and no file outside of its directory`(
        _ escape: (path: String, problem: String?), _ loading: LoadRestrictions
    ) throws {
        let own = [
            "overlay/kustomization.yaml": kustomization("\(Self.shared)//deploy?ref=\(Self.one)"),
            // Where they would lead to if they led here.
            "elsewhere/kustomization.yaml": "resources: [a.yaml]\n", "elsewhere/a.yaml": Self.object,
        ]
        let shared = base.merging([
            "deploy/kustomization.yaml": "resources: [\(escape.path)]\n", "deploy/b.yaml": Self.object,
        ]) { $1 }
        let files = LinkedFiles(files: try files(own, ["\(Self.shared)@\(Self.one)": shared]))
        guard let problem = escape.problem else {
            #expect(try render(files, loading).objects.count == 1)
            return
        }
        #expect { try render(files, loading) } throws: { "\($0)".contains(problem) }
    }

    @Test func `A circle of remote bases is one`() throws {
        let own = ["overlay/kustomization.yaml": kustomization("\(Self.shared)//deploy?ref=\(Self.one)")]
        let shared = ["deploy/kustomization.yaml": kustomization("\(Self.shared)//deploy?ref=\(Self.one)")]
        #expect { try render(files(own, ["\(Self.shared)@\(Self.one)": shared])) } throws: { "\($0)".contains("in a circle") }
    }

    @Test func `A file that is called like a repository is that file, and files of web servers are none`() throws {
        let own = ["overlay/kustomization.yaml": kustomization("me@here/a/b.yaml"), "overlay/me@here/a/b.yaml": Self.object]
        #expect(try render(files(own, [:])).objects.count == 1)
        for text in ["https://git.example/x.yaml", "https://git.example/org/repo/x.yaml?ref=\(Self.one)"] {
            let web = ["overlay/kustomization.yaml": kustomization(text)]
            #expect { try render(files(web, [:])) } throws: { "\($0)".contains("copy it into the repository, and list that") }
        }
        let generator = "configMapGenerator: [{name: a, files: ['https://git.example/x.yaml']}]\n"
        #expect { try render(files(["overlay/kustomization.yaml": generator], [:])) } throws: {
            "\($0)".contains("is a file on a web server")
        }
    }

    @Test func `Components are had from other repositories, too`() throws {
        let own = [
            "overlay/kustomization.yaml": "resources: [a.yaml]\ncomponents: [\"\(Self.shared)//c?ref=\(Self.one)\"]\n",
            "overlay/a.yaml": Self.object,
        ]
        let shared = ["c/kustomization.yaml": "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\nnamePrefix: c-\n"]
        #expect(try render(files(own, ["\(Self.shared)@\(Self.one)": shared])).objects.map(\.name) == ["c-a"])
    }

    @Test func `What objects come from is noted with the repository and the commit`() throws {
        let own = [
            "overlay/kustomization.yaml": kustomization(
                "\(Self.shared)//deploy?ref=\(Self.one)", "\(Self.shared)?ref=\(Self.one)",
                more: "buildMetadata: [originAnnotations]\n")
        ]
        let shared = base.merging([
            "kustomization.yaml": "configMapGenerator: [{name: g, options: {disableNameSuffixHash: true}}]\n"
        ]) { $1 }
        let text = String(decoding: try render(files(own, ["\(Self.shared)@\(Self.one)": shared])).yaml(), as: UTF8.self)
        #expect(text.contains("path: parts/a.yaml\n      repo: \(Self.shared)\n      ref: \"\(Self.one)\"\n"), "\(text)")
        #expect(
            text.contains("repo: \(Self.shared)\n      ref: \"\(Self.one)\"\n      configuredIn: notCloned/kustomization.yaml\n"),
            "\(text)")
    }

    @Test func `A commit that changes is a change of the kustomization, and the base itself is no place that could change`()
        throws
    {
        let own = ["overlay/kustomization.yaml": kustomization("\(Self.shared)//deploy?ref=\(Self.one)")]
        var reach = KustomizationReach(files: try files(own, ["\(Self.shared)@\(Self.one)": base]))
        let overlay = try #require(RepositoryPath("overlay"))
        #expect(try reach.isTouched(overlay, by: [try #require(RepositoryPath("overlay/kustomization.yaml"))]))
        #expect(try !reach.isTouched(overlay, by: [try #require(RepositoryPath("deploy/kustomization.yaml"))]))
    }
}
