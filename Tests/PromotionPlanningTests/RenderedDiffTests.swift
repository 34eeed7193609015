import GitOpsTypes
import Kustomize
import Testing

@testable import PromotionPlanning

/// What a difference tells of objects that are new, and of those that a generator made.
@Suite struct RenderedDiffTests {
    private func manifests(_ text: String) throws -> RenderedManifests {
        try RenderedManifests(writtenIn: [(try #require(RepositoryPath("m.yaml")), Array(text.utf8))], reads: [:])
    }

    private func lines(_ old: String, _ new: String) throws -> [String] {
        RenderedDiff(from: try manifests(old), to: try manifests(new)).lines
    }

    @Test func `A new object tells what it may do before anything else`() throws {
        let binding = """
            apiVersion: rbac.authorization.k8s.io/v1
            kind: ClusterRoleBinding
            metadata: {name: admin, labels: {a: b}}
            roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: cluster-admin}
            subjects: [{kind: ServiceAccount, name: web, namespace: shop}]

            """
        #expect(
            try lines("", binding) == [
                "+ ClusterRoleBinding admin", "  + roleRef.apiGroup: rbac.authorization.k8s.io", "  + roleRef.kind: ClusterRole",
                "  + roleRef.name: cluster-admin", "  + subjects[web].kind: ServiceAccount", "  + subjects[web].name: web",
                "  + subjects[web].namespace: shop", "  + metadata.labels.a: b",
            ])
        let pod = """
            apiVersion: v1
            kind: Pod
            metadata: {name: p}
            spec:
              restartPolicy: Never
              containers: [{name: c, image: a:1, securityContext: {privileged: true}, args: [x, z]}]
              volumes: [{name: root, hostPath: {path: /}}]

            """
        let told = try lines("", pod)
        #expect(told[1...2].contains("  + spec.containers[c].securityContext.privileged: true"))
        #expect(told[1...2].contains("  + spec.volumes[root].hostPath.path: /"))
        #expect(told.contains("  + spec.containers[c].args: [x, z]"))
    }

    @Test func `A new object is told in so many lines, and never the values of a secret`() throws {
        let data = (0..<100).map { "  k\($0): v\($0)\n" }.joined()
        let map = try lines("", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: m}\ndata:\n" + data)
        #expect(map.count == 14 && map.last == "    … and 88 fields more")
        let secret = try lines("", "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\nstringData: {password: hunter2}\n")
        #expect(secret == ["+ Secret s", "  + stringData.password: (hidden)"])
    }

    @Test func `What a generator made is compared under its name without the hash`() throws {
        func map(_ hash: String, _ value: String, kind: String = "ConfigMap") -> String {
            "apiVersion: v1\nkind: \(kind)\nmetadata: {name: web-\(hash), namespace: shop}\ndata: {level: \(value), other: same}\n---\n"
        }
        #expect(
            try lines(map("g2h4b5c6d7", "info"), map("h2h4b5c6d8", "debug")) == [
                "~ ConfigMap shop/web-h2h4b5c6d8", "    data.level: info → debug",
                "    metadata.name: web-g2h4b5c6d7 → web-h2h4b5c6d8",
            ])
        // Two of a name are not to be told apart.
        let two = try lines(map("g2h4b5c6d7", "a") + map("g2h4b5c6d9", "b"), map("h2h4b5c6d8", "c"))
        #expect(two.filter { $0.hasPrefix("- ") }.count == 2 && two.contains("+ ConfigMap shop/web-h2h4b5c6d8"))
        // What only looks like one is another object.
        #expect(try lines(map("config", "a"), map("settings", "a")).first == "+ ConfigMap shop/web-settings")
    }

    @Test func `Another way to write the same value is no difference`() throws {
        let one = "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec: {replicas: , mode: 0x10}\n"
        let other = "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec: {replicas: null, mode: 16}\n"
        #expect(try lines(one, other).isEmpty && lines(other, one).isEmpty)
        #expect(try !lines(one, other.replacing("null", with: "0")).isEmpty)
    }
}
