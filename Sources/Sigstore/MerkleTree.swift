import Crypto

/// Proof that something is in a log of which only the root is known.
///
/// Source: RFC 9162, "Verifying an Inclusion Proof" (2.1.3.2).
enum MerkleTree {
    static func leaf(_ content: [UInt8]) -> [UInt8] { Array(SHA256.hash(data: [0] + content)) }

    private static func node(_ left: [UInt8], _ right: [UInt8]) -> [UInt8] { Array(SHA256.hash(data: [1] + left + right)) }

    /// The root of a tree of `size` leaves that has `leaf` at `index`; nil where the path does not lead to a root.
    static func root(leaf: [UInt8], index: UInt64, size: UInt64, path: [[UInt8]]) -> [UInt8]? {
        guard index < size else { return nil }
        var place = index
        var last = size - 1
        var hash = leaf
        for sibling in path {
            guard last > 0, sibling.count == SHA256.byteCount else { return nil }
            if place & 1 == 1 || place == last {
                hash = node(sibling, hash)
                while place & 1 == 0, place > 0 {
                    place >>= 1
                    last >>= 1
                }
            } else {
                hash = node(hash, sibling)
            }
            place >>= 1
            last >>= 1
        }
        return last == 0 ? hash : nil
    }
}
