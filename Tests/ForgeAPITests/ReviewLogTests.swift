import GitOpsTypes
import PromoteTestSupport
import PromotionForge
import Testing

@testable import ForgeAPI

/// The last word of each person counts, in whatever order and however often a listing tells of it.
@Suite struct ReviewLogTests {
    private func entry(_ order: Int, _ login: String, _ word: ReviewLog.Word) -> ReviewLog.Entry {
        ReviewLog.Entry(
            id: "\(order)", order: order, reviewer: ForgeAccount(login: login, isBot: false), word: word, commit: nil,
            problem: nil,
            at: nil)
    }

    @Test func `The same entries give the same verdicts in any order and any number`() {
        var generator = SeededGenerator(seed: 7)
        for _ in 0..<500 {
            let logins = ["bob", "Bob", "carol", "dave"]
            let words: [ReviewLog.Word] = [.verdict(.approved), .verdict(.changesRequested), .dismissed]
            let entries = (1...Int.random(in: 1...12, using: &generator)).map { order in
                entry(order, logins.randomElement(using: &generator) ?? "", words.randomElement(using: &generator) ?? .dismissed)
            }
            let expected = ReviewLog(entries).latest
            let mixed = (entries + entries.shuffled(using: &generator).prefix(5)).shuffled(using: &generator)
            #expect(ReviewLog(mixed).latest == expected)
            // By hand: per person, whatever the case of the login, the entry with the highest number.
            for person in Set(logins.map { $0.lowercased() }) {
                let last = entries.last { $0.reviewer.login.lowercased() == person }
                let told = expected.first { $0.reviewer.login.lowercased() == person }
                switch last?.word {
                case .verdict(let verdict)?: #expect(told?.verdict == verdict)
                case .dismissed?, nil: #expect(told == nil)
                }
            }
        }
    }
}
