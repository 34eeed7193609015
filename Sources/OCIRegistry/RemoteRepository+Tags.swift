import Foundation
import GitOpsTypes
import HTTPExchange
import ImageRegistry

extension RemoteRepository {
    /// Tags of a page, and pages of a list: more than there are in practice.
    private static let pageSize = 1000
    private static let maximumPages = 2000
    /// Bytes of a page.
    private static let maximumPage = 16 << 20

    private struct TagPage: Decodable {
        let tags: [String]?

        private enum Key: CodingKey { case tags }

        /// `null` is a list of nothing; without the key it is something else.
        init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: Key.self)
            tags = try container.decodeNil(forKey: .tags) ? nil : container.decode([String].self, forKey: .tags)
        }
    }

    /// Every tag, page after page.
    func tags() async throws(RegistryError) -> [ImageTag] {
        var names: [String] = []
        var seen: Set<String> = []
        var next: String? = path("tags/list?n=\(Self.pageSize)")
        var pages = 0
        while let path = next {
            pages += 1
            guard pages <= Self.maximumPages else {
                throw RegistryError.malformed("\(host) lists the tags of \(address) without end")
            }
            // Where all tags are one page, and the registry marks its answers, nothing new costs next to nothing.
            let key = "\(session.endpoint.origin)\(path)"
            let known = pages == 1 ? session.cache.answer(for: key) : nil
            let response = try await session.get(
                path, of: address.path, headers: known.map { [(name: "If-None-Match", value: $0.mark)] } ?? [],
                limit: Self.maximumPage)
            if response.status == 304, let known { return try page(known.body, 1).compactMap { ImageTag($0) } }
            guard response.status == 200 else { throw RegistryError.notFound("there is no \(address)") }
            let tags = try page(response.body, pages)
            let new = tags.filter { seen.insert($0).inserted }
            names += new
            next = try nextPage(response, after: tags, hasNews: !new.isEmpty)
            if pages == 1, next == nil, let mark = response["ETag"] { session.cache.keep(response.body, mark: mark, for: key) }
        }
        return names.compactMap { ImageTag($0) }
    }

    /// - Throws: `RegistryError.malformed` for a page that is cut off, or none: what was read before is no answer either.
    private func page(_ body: [UInt8], _ number: Int) throws(RegistryError) -> [String] {
        do {
            return try JSONDecoder().decode(TagPage.self, from: Data(body)).tags ?? []
        } catch {
            throw RegistryError.malformed("the list of the tags of \(address) breaks off on page \(number)")
        }
    }

    /// Source: OCI distribution specification 1.1, "Listing Tags": `Link` with `rel="next"`, or asking from the `last` one on.
    private func nextPage(
        _ response: HTTPResponse, after tags: [String], hasNews: Bool
    ) throws(RegistryError) -> String? {
        if let next = try nextLink(response, "the tags") {
            guard hasNews else {
                throw RegistryError.malformed("\(host) sends from page to page of the tags of \(address) in a circle")
            }
            return next
        }
        // A page as long as was asked for, or of a size that servers like to stop at, may be a part without saying so.
        guard let last = tags.last, hasNews, tags.count == Self.pageSize || tags.count % 50 == 0 else { return nil }
        return path("tags/list?n=\(Self.pageSize)&last=\(last.percentEncoded())")
    }
}
