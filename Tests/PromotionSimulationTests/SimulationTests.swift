import PromotionSimulation
import Testing

@Suite struct SimulationTests {
    /// A schedule that fails prints its seed; `swift run simulate --seed N` tells what happened in it.
    @Test func `Whatever fails and whoever is first, every rule holds and every promotion ends`() async throws {
        let (template, thread) = (try await WorldTemplate(), OneThread())
        for seed in 1...100 as ClosedRange<UInt64> {
            let result = try await Schedule(seed: seed).run(from: template, on: thread)
            #expect(result.problems.isEmpty, "seed \(seed): \(result.problems)")
        }
    }

    @Test func `The same seed gives the same schedule`() async throws {
        let (template, thread) = (try await WorldTemplate(), OneThread())
        for seed in [7, 8, 9] as [UInt64] {
            let first = try await Schedule(seed: seed).run(from: template, isTraced: true, on: thread)
            let second = try await Schedule(seed: seed).run(from: template, isTraced: true, on: thread)
            #expect(first.trace == second.trace)
            #expect(!first.trace.isEmpty)
        }
    }

    @Test(arguments: RemoteDefect.allCases)
    func `A remote that does not keep its word is noticed`(_ defect: RemoteDefect) async throws {
        let (template, thread) = (try await WorldTemplate(), OneThread())
        var seed: UInt64 = 1
        while try await Schedule(seed: seed).run(from: template, defect: defect, on: thread).problems.isEmpty {
            seed += 1
            try #require(seed < 100)
        }
    }
}
