import Foundation
import PromoteTestSupport
import Testing

@testable import PromoteReports
@testable import PromotionDomain

/// Pages of help, which fit a screen and say what docs/ says.
@Suite struct HelpTests {
    @Test func `What is said of rules is what the page of rules says, in its order`() throws {
        let page = try String(contentsOf: Playground.repositoryRoot.appending(path: "docs/rules.md"), encoding: .utf8)
        let rows = page.split(separator: "\n").filter { $0.hasPrefix("| `") }.map(String.init)
        #expect(RuleHelp.all.map(\.row) == rows)
    }

    @Test func `Every rule that stands in the way is told in words`() {
        for name in RuleHelp.all.map(\.name) {
            for status in [Check.Status.fail, .pending] {
                let obstacle = Check(Rule(name), status, "").obstacle
                #expect(obstacle.hasSuffix(" (`\(name)`)"))
                #expect(!["stopped (", "waits ("].contains { obstacle.hasPrefix($0) }, "\(obstacle)")
            }
        }
        #expect(Check(.approved, .pending, "").obstacle == "waits for approvals (`approved`)")
        #expect(Check(.notHeld, .fail, "").obstacle == "on hold (`not-held`)")
    }

    @Test(arguments: HelpTopic.names)
    func `A page has a name of its own, fits a screen, and ends with what to type next`(_ name: String) throws {
        let topic = try #require(HelpTopic(named: name))
        #expect(HelpTopic.names.filter { $0 == name }.count == 1)
        let lines = topic.text.split(separator: "\n", omittingEmptySubsequences: false)
        #expect(lines.count <= 24)
        #expect(lines.dropLast().last?.hasPrefix("next: promote ") == true)
    }

    @Test func `Pages that are of no rule are no wider than a terminal`() {
        for name in ["topics", "rules", "exit-status", "names", "variables"] {
            for line in HelpTopic(named: name)?.text.split(separator: "\n") ?? ["missing"] {
                #expect(line.count <= 100, "\(name): \(line)")
            }
        }
    }
}
