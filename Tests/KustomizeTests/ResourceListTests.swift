import GitOpsTypes
import Testing

@testable import Kustomize

/// The directory of names, against looking at all resources.
@Suite struct ResourceListTests {
    private static let names = ["a", "b", "c"]

    private func resource(_ name: String) throws -> Resource {
        let text = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: \(name)}\n"
        return try #require(try ManifestReader(Array(text.utf8), path: .root).resources().first)
    }

    private func check(_ list: inout ResourceList) {
        let all = list.all
        #expect(list.count == all.count)
        #expect(list.positions.map { list[$0].id } == all.map(\.id))
        #expect(list.hasRepetitions() == (Set(all.map(\.id)).count < all.count))
        for name in Self.names {
            let found = list.positions(named: name).filter { list[$0].hasEverBeenNamed(name) }.map { list[$0].id }
            #expect(found == all.filter { $0.hasEverBeenNamed(name) }.map(\.id))
        }
    }

    @Test(arguments: 0..<200)
    func `Names are found whatever was done to the resources`(_ seed: UInt64) throws {
        var random = SplitMix(seed)
        var list = ResourceList()
        for _ in 0..<30 {
            let name = Self.names[random.below(Self.names.count)]
            let positions = list.positions
            switch (random.below(5), positions.isEmpty) {
            case (0, _), (_, true): list.append(try resource(name))
            case (1, false): list.remove([positions[random.below(positions.count)]])
            case (2, false): list.all.removeFirst()
            case (3, false): list.change(positions[random.below(positions.count)]) { $0.setName(name) }
            default:
                list.change(positions[random.below(positions.count)]) { resource in
                    resource.remember()
                    resource.setName(name)
                }
            }
            if random.below(2) == 0 { check(&list) }
        }
        check(&list)
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
