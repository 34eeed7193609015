import GitOpsTypes
import PromotionForge

/// Reviews are a log: what counts of each person is the last word, and a remark is none.
struct ReviewLog {
    enum Word {
        case verdict(ForgeReview.Verdict)
        case dismissed
    }

    struct Entry {
        let id: String
        /// The forge's own count, which grows.
        let order: Int
        let reviewer: ForgeAccount
        let word: Word
        let commit: CommitID?
        let problem: String?
        let at: Timestamp?
    }

    private let entries: [Entry]

    /// - Parameter entries: in any order, and any of them more than once.
    init(_ entries: [Entry]) {
        self.entries = entries.sorted { $0.order < $1.order }
    }

    /// Each person's, those whose last word was dismissed left out.
    var latest: [ForgeReview] {
        var words: [String: Entry] = [:]
        for entry in entries { words[entry.reviewer.login.lowercased()] = entry }
        return words.values.sorted { $0.order < $1.order }.compactMap { entry in
            guard case .verdict(let verdict) = entry.word else { return nil }
            return ForgeReview(
                id: entry.id, reviewer: entry.reviewer, verdict: verdict, commit: entry.commit, problem: entry.problem,
                at: entry.at)
        }
    }
}
