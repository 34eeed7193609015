import GitOpsTypes

/// Tree and parents of a commit, read from the object itself.
///
/// Ledgers are written by every account that can push. libgit2 refuses commits whose author or date is malformed, which Git's servers
/// take; a reader that fails on them could be stopped for ever by one push.
struct CommitHeader {
    let tree: TreeID
    let parents: [CommitID]

    /// Nil when the bytes do not begin with a tree and parents.
    init?(_ content: [UInt8]) {
        var tree: TreeID?
        var parents: [CommitID] = []
        var rest = content[...]
        while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
            let text = String(decoding: rest[..<end].prefix(60), as: UTF8.self)
            if tree == nil, text.hasPrefix("tree ") {
                tree = TreeID(text.dropFirst(5))
            } else if text.hasPrefix("parent "), let parent = CommitID(text.dropFirst(7)) {
                parents.append(parent)
            } else {
                break
            }
            rest = rest[(end + 1)...]
        }
        guard let tree else { return nil }
        self.tree = tree
        self.parents = parents
    }
}
