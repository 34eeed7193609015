import GitOpsTypes
import Testing

@testable import PromotionDomain

/// The figures of DORA, by what the ledger has.
@Suite struct DeploymentFiguresTests {
    /// Deployments at these times of releases that were registered an hour before, with verifications.
    private func figures(
        _ deployments: [(at: Int64, isRollback: Bool)], _ verifications: [(at: Int64, of: Int, passed: Bool)] = [],
        from: Int64 = 0, to: Int64 = 1_000_000
    ) throws -> DeploymentFigures {
        let (web, prod) = (try #require(ApplicationName("web")), try #require(EnvironmentName("prod")))
        let (image, ci) = (try #require(ImageName("registry.example/web")), try #require(Principal("ci")))
        let commit = CommitID(String(repeating: "a", count: 40))
        let tip = try #require(commit)
        let releases = try deployments.enumerated().map { number, deployment in
            let digits = String(number, radix: 16)
            let digest = "sha256:" + String(repeating: "0", count: 64 - digits.count) + digits
            let images = [ReleaseImage(name: image, digest: try #require(ImageDigest(digest)), tag: nil)]
            return Release(
                id: ReleaseID(web, images: images), images: images, build: BuildOrigin(commit: nil, source: nil, run: nil),
                registered: Timestamp(seconds: deployment.at - 3600), registeredBy: ci)
        }
        var state = ApplicationState(application: web, releases: releases)
        for (number, deployment) in deployments.enumerated() {
            let origin: PromotionOrigin = deployment.isRollback ? .environment(prod) : .build
            state.promotions.append(
                Promotion(
                    number: number + 1, environment: prod, origin: origin, release: releases[number].id,
                    content: PromotionContent(
                        branch: try #require(BranchName("promotion/web/prod/\(number + 1)")), base: tip, head: tip, rendered: "",
                        files: nil),
                    requestedBy: ci, requestedAt: Timestamp(seconds: deployment.at), requestKey: nil, emergency: nil, state: .open
                ))
            var made = Deployment(
                release: releases[number].id, promotion: number + 1, commit: tip, since: Timestamp(seconds: deployment.at))
            if deployments.indices.contains(number + 1) { made.until = Timestamp(seconds: deployments[number + 1].at) }
            state.deployments[prod, default: []].append(made)
        }
        state.verifications = verifications.map {
            Verification(
                environment: prod, release: releases[$0.of].id, result: $0.passed ? .passed : .failed, evidence: nil, by: ci,
                at: Timestamp(seconds: $0.at))
        }
        return DeploymentFigures(of: state, in: prod, during: Timestamp(seconds: from)...Timestamp(seconds: to))
    }

    @Test func `Without deployments there are no figures, and no rate`() throws {
        let none = try figures([])
        #expect(none.deployments == 0)
        #expect(none.changeFailureRate == nil && none.leadTime.p50 == nil && none.timeToRestore.p90 == nil)
    }

    @Test func `A rollback is a deployment without a lead time, and says that the one before it failed`() throws {
        let made = try figures([(10_000, false), (20_000, false), (20_600, true)])
        #expect(made.deployments == 3)
        #expect(made.leadTime.p50 == 3600)
        #expect(made.changeFailureRate == 1.0 / 3)
        // It failed, as far as the ledger tells, when it was rolled back.
        #expect(made.timeToRestore.p50 == 0)
    }

    @Test func `It is restored by what passes or is deployed first`() throws {
        let fixed = try figures([(10_000, false)], [(10_100, 0, false), (10_400, 0, true), (10_900, 0, true)])
        #expect(fixed.timeToRestore.p50 == 300)
        let replaced = try figures([(10_000, false), (11_000, false)], [(10_100, 0, false)])
        #expect(replaced.timeToRestore.p50 == 900)
        #expect(replaced.changeFailureRate == 0.5)
        let broken = try figures([(10_000, false)], [(10_100, 0, false)])
        #expect(broken.changeFailureRate == 1 && broken.timeToRestore.p50 == nil)
    }

    @Test func `What was deployed in the period counts, with what became of it`() throws {
        let made = try figures(
            [(10_000, false), (20_000, false), (30_000, false)], [(25_000, 1, false)], from: 15_000, to: 26_000)
        #expect(made.deployments == 1)
        #expect(made.changeFailureRate == 1)
        #expect(made.timeToRestore.p50 == 5000)
    }

    @Test func `A verification of another time than that of the deployment is of no account`() throws {
        let made = try figures([(10_000, false), (20_000, false)], [(9_000, 0, false), (21_000, 0, false)])
        #expect(made.changeFailureRate == 0)
    }

    @Test func `Quantiles are of nearest rank`() {
        #expect(DeploymentFigures.Quantiles([5]).p90 == 5)
        let ten = DeploymentFigures.Quantiles(Array(1...10).shuffled())
        #expect(ten.p50 == 5 && ten.p90 == 9)
        let two = DeploymentFigures.Quantiles([2, 1])
        #expect(two.p50 == 1 && two.p90 == 2)
    }
}
