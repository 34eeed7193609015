import Foundation
import GitOpsTypes
import HTTPExchange
import PromotionDomain

/// A gate that is a service: the manifests are posted to it, and it answers `{"allowed": true}` or why not.
struct GateService {
    let transport: any HTTPTransport

    private struct Verdict: Decodable {
        let allowed: Bool
        let message: String?
    }

    /// - Parameter circumstances: what it is told besides the manifests, as `PROMOTE_ENVIRONMENT`; sent as headers.
    func ask(
        _ address: String, timeout: Int64, manifests: [UInt8], circumstances: [String: String]
    ) async -> ExternalVerdict {
        var headers = [(name: "Content-Type", value: "application/yaml"), (name: "Accept", value: "application/json")]
        for (name, value) in circumstances.sorted(by: { $0.key < $1.key }) {
            headers.append((name: "X-" + name.replacingOccurrences(of: "_", with: "-"), value: value))
        }
        let request = HTTPRequest(
            .post, address, headers: headers, body: manifests, timeout: Int(timeout), maximumBody: 1 << 20)
        do {
            let response = try await transport.send(request)
            guard response.status == 200 else {
                return ExternalVerdict(.unknown("it answered \(response.status)"), output: "")
            }
            let verdict = try JSONDecoder().decode(Verdict.self, from: Data(response.body))
            let message = GateRunner.brief(verdict.message ?? "")
            return ExternalVerdict(verdict.allowed ? .passed : .failed("not allowed"), output: message)
        } catch let failure as HTTPFailure {
            return ExternalVerdict(.unknown(failure.detail), output: "")
        } catch {
            return ExternalVerdict(.unknown("its answer is not {\"allowed\": …}"), output: "")
        }
    }
}
