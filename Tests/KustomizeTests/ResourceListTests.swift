import GitOpsTypes
import Testing

@testable import Kustomize

/// The directory of names, against looking at all resources.
@Suite struct ResourceListTests {
    private static let names = ["a", "b", "c", "ab", "a.b"]

    private func resource(_ name: String, _ random: inout SplitMix) throws -> Resource {
        let kind = ["ConfigMap", "Secret", "Namespace"][random.below(3)]
        let namespace = ["", "n1", "n2", "default"][random.below(4)]
        let team = ["x", "y"][random.below(2)]
        let text =
            "apiVersion: v1\nkind: \(kind)\nmetadata: {name: \(name), namespace: '\(namespace)', labels: {team: \(team)}}\n"
        return try #require(try ManifestReader(Array(text.utf8), path: .root).resources().first)
    }

    private func check(_ list: inout ResourceList) throws {
        let all = list.all
        #expect(list.count == all.count)
        #expect(list.positions.map { list[$0].id } == all.map(\.id))
        #expect(list.hasRepetitions() == (Set(all.map(\.id)).count < all.count))
        for name in Self.names {
            let found = list.positions(named: name).filter { list[$0].hasEverBeenNamed(name) }.map { list[$0].id }
            #expect(found == all.filter { $0.hasEverBeenNamed(name) }.map(\.id))
        }
        for target in Self.targets {
            let matcher = try PatchTargetMatcher(target) { KustomizeError(.invalid, $0, in: .root) }
            let found = list.positions(matcher.query).filter { matcher.matches(list[$0]) }.map { list[$0].id }
            #expect(found == all.filter(matcher.matches).map(\.id), "\(target)")
        }
        for resource in all {
            let isContained = list.contains(resource.id)
            #expect(isContained)
            let found = list.positions(of: resource.id).filter { list[$0].hasID(resource.id) }.map { list[$0].id }
            #expect(found == all.filter { $0.hasID(resource.id) }.map(\.id))
        }
    }

    /// Of what patches may ask for, so that each kind of question is answered by the directory.
    private static let targets = [
        PatchTarget(name: "a"), PatchTarget(name: "a.*"), PatchTarget(name: "^b$"), PatchTarget(name: "b?"),
        PatchTarget(name: "a|c"),
        PatchTarget(name: ".*", namespace: "n1"), PatchTarget(namespace: "default"), PatchTarget(kind: "Secret", namespace: "n2"),
        PatchTarget(labelSelector: "team=x"), PatchTarget(kind: "ConfigMap", labelSelector: "team in (y),other!=z"),
        PatchTarget(kind: "Namespace", namespace: "_non_namespaceable_"),
    ]

    @Test(arguments: 0..<200)
    func `Names are found whatever was done to the resources`(_ seed: UInt64) throws {
        var random = SplitMix(seed)
        var list = ResourceList()
        for _ in 0..<60 {
            let name = Self.names[random.below(Self.names.count)]
            let positions = list.positions
            switch (random.below(6), positions.isEmpty) {
            case (0, _), (_, true): list.append(try resource(name, &random))
            case (1, false): list.remove([positions[random.below(positions.count)]])
            case (2, false): list.all.removeFirst()
            case (5, false):
                let namespace = ["n1", "n2"][random.below(2)]
                list.change(positions[random.below(positions.count)]) { resource in
                    if random.below(2) == 0 { resource.remember() }
                    resource.node.modify(at: ["metadata", "namespace"], create: true) { $0 = .string(namespace) }
                    resource.node.modify(at: ["metadata", "labels", "team"], create: true) { $0 = .string("z") }
                }
            case (3, false): list.change(positions[random.below(positions.count)]) { $0.setName(name) }
            default:
                list.change(positions[random.below(positions.count)]) { resource in
                    resource.remember()
                    resource.setName(name)
                }
            }
            if random.below(2) == 0 { try check(&list) }
        }
        try check(&list)
    }
}

/// Numbers that follow from a seed.
private struct SplitMix {
    private var state: UInt64

    init(_ seed: UInt64) { state = seed }

    mutating func below(_ bound: Int) -> Int {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return Int((value ^ (value >> 31)) % UInt64(bound))
    }
}
