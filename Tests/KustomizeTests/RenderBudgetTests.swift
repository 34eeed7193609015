import GitOpsTypes
import Testing

@testable import Kustomize

/// What a render may cost, and that no files of a few lines get past it.
@Suite struct RenderBudgetTests {
    private static let small = RenderBudget.Cost(objects: 2_000, values: 20_000, bytes: 2 << 20, steps: 1_000_000)

    private func files(_ texts: [String: String]) throws -> MemoryFiles {
        var files: [RepositoryPath: [UInt8]] = [:]
        for (path, text) in texts { files[try #require(RepositoryPath(path))] = Array(text.utf8) }
        return MemoryFiles(files)
    }

    private func render(
        _ texts: [String: String], _ directory: String = "o", limits: RenderBudget.Cost = small,
        sharing shared: SharedBases? = nil
    ) throws -> RenderedManifests {
        var renderer = KustomizeRenderer(files: try files(texts), sharing: shared)
        renderer.limits = limits
        return try renderer.render(try #require(RepositoryPath(directory)))
    }

    private static func configMap(_ name: String, _ more: String = "") -> String {
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: \(name)}\n\(more)"
    }

    /// Levels of two kustomizations, each built on both of the level below.
    private static func doubling(_ levels: Int, _ field: String, _ head: (String) -> String, _ bottom: String) -> [String: String]
    {
        var files = ["o/kustomization.yaml": "\(field): [../l0a, ../l0b]\n"]
        for level in 0..<levels {
            for side in ["a", "b"] {
                let below = level == levels - 1 ? "" : "\(field): [../l\(level + 1)a, ../l\(level + 1)b]\n"
                files["l\(level)\(side)/kustomization.yaml"] = head(side) + (below.isEmpty ? bottom : below)
                files["l\(level)\(side)/cm.yaml"] = configMap("x")
            }
        }
        return files
    }

    private func spent(_ texts: [String: String]) -> KustomizeError? {
        let error = #expect(throws: KustomizeError.self) { try render(texts) }
        #expect(error?.code == .limit && error?.hint != nil, "\(error.map(String.init(describing:)) ?? "")")
        return error
    }

    @Test func `Bases that double end at a number of objects, and the place is told`() {
        let error = spent(Self.doubling(20, "resources", { "namePrefix: \($0)-\n" }, "resources: [cm.yaml]\n"))
        #expect(error?.message.hasPrefix("rendering o takes more than 2000 objects: ") == true)
        #expect(error?.path.name == "kustomization.yaml")
    }

    @Test func `Components that double end at an amount of work`() {
        let kind = "kind: Component\napiVersion: kustomize.config.k8s.io/v1alpha1\n"
        let error = spent(Self.doubling(20, "components", { _ in kind }, "namespace: x\n"))
        #expect(error?.message.contains("steps of work") == true)
    }

    @Test func `Bases of nothing that double cost no more than there are`() throws {
        let files = Self.doubling(60, "resources", { _ in "" }, "namespace: x\n")
        #expect(try render(files).objects.isEmpty)
    }

    /// Fields of a kustomization that multiply what there is, and what they come to an end by.
    private static let multiplying: [(String, String)] = {
        let copies = (0..<20).map { "{\"op\": \"copy\", \"from\": \"\", \"path\": \"/k\($0)\"}" }.joined(separator: ", ")
        let whole = "source: {kind: ConfigMap, fieldPath: data}"
        let replacements = (0..<20).map { number in
            "- {\(whole), targets: [{select: {kind: ConfigMap}, fieldPaths: [data.k\(number)], options: {create: true}}]}\n"
        }.joined()
        let keys = (0..<30).map { "k\($0)=large" }.joined(separator: ", ")
        let maps = (0..<30).map { "{name: big\($0), files: [large]}" }.joined(separator: ", ")
        let patch = String(repeating: "#\\n", count: 50_000) + "- {op: remove, path: /a}"
        let patches = Array(repeating: "{patch: *p, target: {kind: Nothing}}", count: 50).joined(separator: ", ")
        let variable = "{name: V, objref: {apiVersion: v1, kind: Other, name: z}, fieldref: {fieldpath: data.long}}"
        return [
            ("values", "patches: [{target: {kind: ConfigMap}, patch: '[\(copies)]'}]\n"),
            ("values", "replacements:\n" + replacements),
            ("bytes", "configMapGenerator: [{name: big, files: [\(keys)]}]\n"), ("bytes", "configMapGenerator: [\(maps)]\n"),
            ("bytes", "commonAnnotations: {x: &p \"\(patch)\"}\npatches: [\(patches)]\n"),
            ("bytes", "vars: [\(variable)]\nconfigurations: [c.yaml]\n"),
        ]
    }()

    @Test(arguments: multiplying)
    func `What multiplies by a step ends, too`(_ what: String, _ fields: String) {
        let long = String(repeating: "y", count: 20_000)
        let many = String(repeating: "$(V) ", count: 500)
        let error = spent([
            "o/kustomization.yaml": "resources: [cm.yaml, long.yaml]\n" + fields,
            "o/cm.yaml": Self.configMap("x", "data: {a: b}\n"),
            "o/long.yaml": "apiVersion: v1\nkind: Other\nmetadata: {name: z}\ndata: {long: \"\(long)\", many: \"\(many)\"}\n",
            "o/large": String(repeating: "z", count: 100_000), "o/c.yaml": "varReference: [{path: data, kind: Other}]\n",
        ])
        #expect(error?.message.contains(what) == true, "\(error?.message ?? "")")
    }

    @Test func `A text that is put into itself over and over ends`() {
        let rule =
            "{source: {kind: ConfigMap, fieldPath: data.x}, targets: [{select: {kind: ConfigMap}, fieldPaths: [data.x.b], options: {create: true}}]}"
        let error = spent([
            "o/kustomization.yaml":
                "resources: [cm.yaml]\nreplacements: [\(Array(repeating: rule, count: 60).joined(separator: ", "))]\n",
            "o/cm.yaml": Self.configMap("x", "data: {x: '{\"b\": \"c\"}'}\n"),
        ])
        #expect(error?.message.contains("steps of work") == true || error?.message.contains("bytes") == true)
    }

    /// Fields that say something of each of a thousand objects, made of their numbers.
    private static let forEach: [(String, @Sendable (Int) -> String)] = [
        ("patches", { "{patch: '{apiVersion: v1, kind: ConfigMap, metadata: {name: x\($0)}, data: {a: b}}'}" }),
        (
            "patches",
            { "{target: {kind: ConfigMap, name: x\($0)}, patch: '[{\"op\": \"add\", \"path\": \"/k\", \"value\": 1}]'}" }
        ),
        ("patches", { "{patch: '{apiVersion: v1, kind: ConfigMap, metadata: {name: x\($0)}, $patch: delete}'}" }),
        ("patchesStrategicMerge", { "'{apiVersion: v1, kind: ConfigMap, metadata: {name: x\($0)}, data: {a: b}}'" }),
        (
            "patchesJson6902",
            {
                "{target: {version: v1, kind: ConfigMap, name: x\($0)}, patch: '[{\"op\": \"add\", \"path\": \"/k\", \"value\": 1}]'}"
            }
        ),
        ("configMapGenerator", { "{name: x\($0), behavior: merge, literals: [a=b]}" }),
        ("secretGenerator", { "{name: x\($0), literals: [a=b]}" }),
        (
            "replacements",
            {
                "{source: {kind: ConfigMap, name: x\($0)}, targets: [{select: {kind: ConfigMap, name: x\($0)}, fieldPaths: [k], options: {create: true}}]}"
            }
        ),
        ("vars", { "{name: V\($0), objref: {apiVersion: v1, kind: ConfigMap, name: x\($0)}}" }),
    ]

    @Test(arguments: forEach)
    func `What is for one object each is no more work for there being many`(_ field: String, _ item: @Sendable (Int) -> String)
        throws
    {
        let count = 900
        let files = [
            "o/kustomization.yaml": "resources: [cm.yaml]\n\(field):\n" + (0..<count).map { "- \(item($0))\n" }.joined(),
            "o/cm.yaml": (0..<count).map { Self.configMap("x\($0)") }.joined(separator: "---\n"),
        ]
        // Looking at every object for each would be 810,000.
        let limits = RenderBudget.Cost(objects: 3_000, values: 50_000, bytes: 2 << 20, steps: 300_000)
        _ = try render(files, limits: limits)
    }

    @Test func `A patch for every object, and names that grow, end`() {
        let objects = (0..<400).map { Self.configMap("x\($0)") }.joined(separator: "---\n")
        let data = (0..<100).map { "k\($0): v" }.joined(separator: ", ")
        let patched = spent([
            "o/kustomization.yaml":
                "resources: [cm.yaml]\npatches: [{target: {kind: ConfigMap}, patch: '{apiVersion: v1, kind: ConfigMap, metadata: {name: x}, data: {\(data)}}'}]\n",
            "o/cm.yaml": objects,
        ])
        #expect(patched?.message.contains("values") == true)
        let prefixed = spent([
            "o/kustomization.yaml": "resources: [cm.yaml]\nnamePrefix: \(String(repeating: "a", count: 10_000))-\n",
            "o/cm.yaml": objects,
        ])
        #expect(prefixed?.message.contains("bytes") == true)
    }

    @Test func `What is nested deeply costs what it takes to print`() {
        let items = Array(repeating: "a", count: 9_000).joined(separator: ",")
        let deep = String(repeating: "[", count: 180) + items + String(repeating: "]", count: 180)
        let map = Self.configMap("x", "data: {x: \(deep)}\n")
        let error = spent(["o/kustomization.yaml": "resources: [cm.yaml]\n", "o/cm.yaml": map])
        #expect(error?.message.contains("bytes") == true)
    }

    @Test(arguments: [
        ("steps", "replacements: [{path: r.yaml}]\n"), ("steps", "configurations: [c.yaml]\ncommonAnnotations: {q: r}\n"),
        ("steps", "patches: [{path: growing.yaml, target: {kind: ConfigMap}}]\n"),
        ("deeper", "patches: [{path: moving.yaml, target: {kind: ConfigMap}}]\n"), ("levels deep", "crds: [chain.yaml]\n"),
        ("values", "crds: [double.yaml]\n"),
    ])
    func `Nothing nests values, or types, deeper than a stack goes`(_ what: String, _ fields: String) {
        let steps = Array(repeating: "a", count: 5_000)
        let growing = (1...300).map { "- {op: add, path: /\(steps.prefix($0).joined(separator: "/")), value: {}}\n" }
        let moving = Array(
            repeating:
                "- {op: add, path: /n, value: {}}\n- {op: move, from: /data, path: /n/data}\n- {op: move, from: /n, path: /data}\n",
            count: 500)
        let target = "{select: {kind: ConfigMap}, fieldPaths: ['\(steps.joined(separator: "."))'], options: {create: true}}"
        func types(_ count: Int, _ fields: [String]) -> String {
            (0..<count).map { number in
                // The first one is that of an object.
                let own = number == 0 ? ["kind: {}", "apiVersion: {}", "metadata: {}"] : []
                let properties = own + fields.map { "\($0): {$ref: T\(number + 1)}" }
                return "T\(number): {schema: {properties: {\(properties.joined(separator: ", "))}}}\n"
            }.joined()
        }
        let limits = RenderBudget.Cost(objects: 100, values: 400_000, bytes: 4 << 20, steps: 4_000_000)
        let error = #expect(throws: KustomizeError.self) {
            try render(
                [
                    "o/kustomization.yaml": "resources: [cm.yaml]\n" + fields, "o/cm.yaml": Self.configMap("x", "data: {a: b}\n"),
                    "o/r.yaml": "source: {kind: ConfigMap, fieldPath: data.a}\ntargets: [\(target)]\n",
                    "o/c.yaml": "commonAnnotations: [{path: \(steps.joined(separator: "/")), create: true}]\n",
                    "o/growing.yaml": growing.joined(), "o/moving.yaml": moving.joined(), "o/chain.yaml": types(300, ["x"]),
                    "o/double.yaml": types(40, ["x", "y"]),
                ], limits: limits)
        }
        #expect(error?.message.contains(what) == true, "\(error?.message ?? "")")
    }

    @Test func `Whether an overlay renders does not depend on what others have built`() throws {
        var files = Self.doubling(5, "resources", { "namePrefix: \($0)-\n" }, "resources: [cm.yaml]\n")
        files["p/kustomization.yaml"] = "resources: [../l0b, ../l2a]\n"
        for objects in stride(from: 20, through: 200, by: 7) {
            let limits = RenderBudget.Cost(objects: objects, values: 20_000, bytes: 1 << 20, steps: 1_000_000)
            let shared = SharedBases()
            for directory in ["l4a", "l1a", "p", "l0b", "o", "o"] {
                let alone = Result { try render(files, directory, limits: limits) }
                let beside = Result { try render(files, directory, limits: limits, sharing: shared) }
                switch (alone, beside) {
                case (.success(let one), .success(let other)): #expect(one == other)
                case (.failure, .failure): continue
                default: Issue.record("\(directory) with \(objects) objects: \(alone) and \(beside)")
                }
            }
        }
    }

    @Test func `Shared bases keep no more than they may, and give the same`() throws {
        let files = Self.doubling(6, "resources", { "namePrefix: \($0)-\n" }, "resources: [cm.yaml]\n")
        let full = try render(files, sharing: SharedBases(maximumValues: 40))
        #expect(try full == render(files) && render(files, "l0a", sharing: SharedBases(maximumValues: 0)) == render(files, "l0a"))
    }
}
