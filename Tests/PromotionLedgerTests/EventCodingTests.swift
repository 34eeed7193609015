import Foundation
import GitOpsTypes
import PromoteTestSupport
import PromotionDomain
import PromotionLedger
import Testing

@Suite struct EventCodingTests {
    private func sample() throws -> Event {
        let digest = try #require(ImageDigest("sha256:" + String(repeating: "1", count: 64)))
        let app = try #require(ApplicationName("web"))
        let images = [ReleaseImage(name: try #require(ImageName("registry.example/web")), digest: digest, tag: ImageTag("v1"))]
        return Event(
            id: "01M7YMKGQ4TN9576VDG6Q6KP0D", time: Timestamp(seconds: 1_795_246_920),
            actor: try #require(Principal("ci@example.org")),
            policyCommit: try #require(CommitID(String(repeating: "a", count: 40))),
            payload: .releaseRegistered(
                .init(
                    release: ReleaseID(app, images: images), images: images,
                    build: BuildOrigin(commit: SourceCommit("0a1b2c3d"), source: "https://git.example/ü\"\\/x", run: nil))))
    }

    @Test func `An event is canonical JSON: keys sorted, no white space, slashes plain`() throws {
        let text = String(decoding: try EventCoding().encode(sample()), as: UTF8.self)
        #expect(
            text == """
                {"actor":"ci@example.org","id":"01M7YMKGQ4TN9576VDG6Q6KP0D","payload":{"build":{"commit":"0a1b2c3d",\
                "source":"https://git.example/ü\\"\\\\/x"},"images":[{"digest":"sha256:\(String(repeating: "1", count: 64))",\
                "name":"registry.example/web","tag":"v1"}],"release":"web-f8b8dff3b5a2"},"policyCommit":"\(String(repeating: "a", count: 40))",\
                "time":"2026-11-21T07:42:00Z","type":"ReleaseRegistered","version":1}
                """)
    }

    /// A registration with a chart, or what it would be without.
    private func registration(_ kind: ArtifactKind) throws -> Event {
        let plain = try sample()
        let digest = try #require(ImageDigest("sha256:" + String(repeating: "2", count: 64)))
        let images = [
            ReleaseImage(
                name: try #require(ImageName("registry.example/charts/web")), digest: digest, tag: ImageTag("1.0.0"), kind: kind)
        ]
        return Event(
            id: plain.id, time: plain.time, actor: plain.actor, policyCommit: plain.policyCommit,
            payload: .releaseRegistered(
                .init(
                    release: ReleaseID(try #require(ApplicationName("web")), images: images), images: images,
                    build: BuildOrigin(commit: nil, source: nil, run: nil))))
    }

    @Test func `A release with a chart is an event of version 2, at which programs that know no charts stop`() throws {
        let event = try registration(.chart)
        let text = String(decoding: try EventCoding().encode(event), as: UTF8.self)
        #expect(
            text.contains(
                #"{"digest":"sha256:\#(String(repeating: "2", count: 64))","kind":"chart","name":"registry.example/charts/web","tag":"1.0.0"}"#
            ))
        #expect(text.hasSuffix(#""version":2}"#))
        #expect(try EventCoding().decode(Array(text.utf8)) == event)
        let image = String(decoding: try EventCoding().encode(registration(.image)), as: UTF8.self)
        #expect(image.hasSuffix(#""version":1}"#) && !image.contains("kind"))
        for other in [
            text.replacing("\"version\":2}", with: "\"version\":1}"), image.replacing("\"version\":1}", with: "\"version\":2}"),
            image.replacing("\"name\"", with: "\"kind\":\"image\",\"name\""), text.replacing("\"chart\"", with: "\"Chart\""),
        ] {
            #expect(throws: EventCoding.Damage.self) { try EventCoding().decode(Array(other.utf8)) }
        }
        #expect {
            try EventCoding().decode(Array(text.replacing("\"version\":2}", with: "\"version\":3}").utf8))
        } throws: { ($0 as? EventCoding.Damage)?.newerBy == event.actor }
    }

    @Test func `An event may name its ledger, that of all environments, too, and nothing that is none`() throws {
        let plain = try sample()
        for name in [try #require(ApplicationName("web")), .environments] {
            let event = Event(
                id: plain.id, time: plain.time, actor: plain.actor, policyCommit: plain.policyCommit, application: name,
                payload: plain.payload)
            let bytes = try EventCoding().encode(event)
            #expect(String(decoding: bytes, as: UTF8.self).contains("\"application\":\"\(name)\",\"id\""))
            #expect(try EventCoding().decode(bytes) == event)
            for other in ["_other", "", "WEB"] {
                let text = String(decoding: bytes, as: UTF8.self)
                    .replacing("\"application\":\"\(name)\"", with: "\"application\":\"\(other)\"")
                #expect(throws: EventCoding.Damage.self) { try EventCoding().decode(Array(text.utf8)) }
            }
        }
    }

    @Test func `What is written reads back the same`() throws {
        let event = try sample()
        #expect(try EventCoding().decode(EventCoding().encode(event)) == event)
    }

    @Test func `No change of one byte reads as the same event, or crashes`() throws {
        let event = try sample()
        let bytes = try EventCoding().encode(event)
        var random = SeededGenerator(seed: 5)
        for _ in 0..<5000 {
            var changed = bytes
            changed[Int.random(in: 0..<changed.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
            guard changed != bytes, let read = try? EventCoding().decode(changed) else { continue }
            #expect(read != event)
        }
        for count in 0..<bytes.count {
            #expect(throws: EventCoding.Damage.self) { try EventCoding().decode(Array(bytes.prefix(count))) }
        }
    }

    @Test(arguments: [
        ("{\"actor\"", "{ \"actor\""), ("\"version\":1}", "\"version\":1.0}"),
        ("\"version\":1}", "\"version\":1,\"x\":2}"),
        ("\"actor\"", "\"\\u0061ctor\""), ("\"build\":{", "\"build\":{\"extra\":1,"),
    ])
    func `A second way to write the same event is refused`(_ old: String, _ new: String) throws {
        let text = String(decoding: try EventCoding().encode(sample()), as: UTF8.self)
        let changed = text.replacing(old, with: new)
        #expect(changed != text)
        #expect(throws: EventCoding.Damage.self) { try EventCoding().decode(Array(changed.utf8)) }
    }

    /// The events of Tests/Ledgers as the programs of then wrote them.
    private func keptEvents() throws -> [String] {
        try ["1", "2", "3"].flatMap { name in
            let file = Playground.repositoryRoot.appending(path: "Tests/Ledgers/\(name)/export.jsonl")
            return try String(contentsOf: file, encoding: .utf8).split(separator: "\n").compactMap { line -> String? in
                guard let start = line.range(of: "\"event\":"), let end = line.range(of: ",\"rejection\":") else { return nil }
                return String(line[start.upperBound..<end.lowerBound])
            }
        }
    }

    @Test func `Every type of event that was ever written is written so again, byte for byte`() throws {
        var types: Set<EventType> = []
        for text in try keptEvents() {
            let event = try EventCoding().decode(Array(text.utf8))
            types.insert(event.payload.type)
            #expect(String(decoding: try EventCoding().encode(event), as: UTF8.self) == text)
        }
        #expect(types == Set(EventType.allCases))
    }

    /// What an event may say and need not: a name that changes here changes what ledgers have.
    @Test func `Every optional key of an event is in some ledger that was kept`() throws {
        let events = try keptEvents()
        for key in [
            "application", "emergency", "records", "review", "onForge", "merger", "until", "evidence", "commit", "run", "source",
            "policy", "found", "tag",
        ] {
            #expect(events.contains { $0.contains("\"\(key)\":") }, "\(key)")
        }
        for type in ["PromotionApproved", "ApprovalRevoked", "PromotionMerged", "PromotionClosed", "PromotionRequested"] {
            let ofType = events.filter { $0.contains("\"type\":\"\(type)\"") }
            let optional = ["review", "onForge", "merger", "emergency"]
            let isOptional = { (text: String) in optional.contains { text.contains("\"\($0)\":") } }
            #expect(ofType.contains(where: isOptional) && !ofType.allSatisfy(isOptional), "\(type)")
        }
    }
}
