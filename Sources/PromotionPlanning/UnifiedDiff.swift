/// Two texts as a unified diff, the format of `diff -u`.
struct UnifiedDiff {
    let old: [String]
    let new: [String]
    let oldName: String
    let newName: String

    private struct Line {
        let mark: Character
        let text: String
    }

    /// - Parameter context: unchanged lines to show around a change.
    func lines(context: Int) -> [String] {
        let all = marked()
        let changed = all.indices.filter { all[$0].mark != " " }
        guard !changed.isEmpty else { return [] }
        var hunks: [Range<Int>] = []
        for index in changed {
            let range = max(0, index - context)..<min(all.count, index + context + 1)
            if let last = hunks.last, range.lowerBound <= last.upperBound {
                hunks[hunks.count - 1] = last.lowerBound..<range.upperBound
            } else {
                hunks.append(range)
            }
        }
        var result = ["--- \(oldName)", "+++ \(newName)"]
        for hunk in hunks {
            let before = all[..<hunk.lowerBound]
            let lines = all[hunk]
            result.append(
                "@@ -\(Self.span(before.count { $0.mark != "+" }, lines.count { $0.mark != "+" })) +\(Self.span(before.count { $0.mark != "-" }, lines.count { $0.mark != "-" })) @@"
            )
            result += lines.map { "\($0.mark)\($0.text)" }
        }
        return result
    }

    private static func span(_ before: Int, _ count: Int) -> String {
        let start = count == 0 ? before : before + 1
        return count == 1 ? "\(start)" : "\(start),\(count)"
    }

    /// All lines, those of the old text that are gone with `-`, those of the new one with `+`.
    private func marked() -> [Line] {
        var removed: Set<Int> = []
        var inserted: Set<Int> = []
        for change in new.difference(from: old) {
            switch change {
            case .remove(let offset, _, _): removed.insert(offset)
            case .insert(let offset, _, _): inserted.insert(offset)
            }
        }
        var result: [Line] = []
        var (left, right) = (0, 0)
        while left < old.count || right < new.count {
            if left < old.count, removed.contains(left) {
                result.append(Line(mark: "-", text: old[left]))
                left += 1
            } else if right < new.count, inserted.contains(right) {
                result.append(Line(mark: "+", text: new[right]))
                right += 1
            } else {
                result.append(Line(mark: " ", text: old[left]))
                left += 1
                right += 1
            }
        }
        return result
    }
}
