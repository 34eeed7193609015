import Foundation
import PromoteTestSupport
import Testing

/// What older agents would make of an overlay is said before it is promoted.
@Suite struct KustomizeReleaseTests {
    @Test func `An overlay that an older release renders otherwise is told`() throws {
        let playground = try Playground { seed in
            let base = seed.appending(path: "base")
            let pod =
                "apiVersion: v1\nkind: Pod\nmetadata: {name: volume}\nspec: {volumes: [{name: v, image: {reference: 'registry.example/web:0.1'}}]}\n"
            try Data(pod.utf8).write(to: base.appending(path: "pod.yaml"))
            let file = base.appending(path: "kustomization.yaml")
            let text = try String(contentsOf: file, encoding: .utf8)
            try Data(text.replacing("resources:\n", with: "resources:\n  - pod.yaml\n").utf8).write(to: file)
        }
        let (ci, alice) = (try playground.person("ci"), try playground.person("alice"))
        #expect(try ci.ask("register", "registry.example/web:1.4.0@\(Playground.digest("1"))", "--no-registry").status == 0)
        let planned = try alice.ask("plan", "build", "dev")
        #expect(planned.text("plan", "kustomize", 0, "version") == "5.5", "\(planned.result.output)")
        #expect(planned.text("plan", "kustomize", 1, "version") == nil)
        let text = try alice.promote.run("plan", "build", "dev").output
        #expect(text.contains("but as Kustomize 5.5 renders it") && text.contains("spec.volumes[v].image.reference"), "\(text)")
        let doctor = try alice.promote.run("doctor").output
        #expect(doctor.contains("overlays/prod is not the same as Kustomize 5.5 renders it"), "\(doctor)")
        let old = try alice.promote.succeed("render", "overlays/dev", "--kustomize", "5.5")
        #expect(old.contains("reference: registry.example/web:0.1"))
        #expect(try alice.promote.run("render", "overlays/dev", "--kustomize", "5.6").status == 64)
    }

    @Test func `Where all releases agree, nothing is said`() throws {
        let playground = try Playground()
        let (ci, alice) = (try playground.person("ci"), try playground.person("alice"))
        #expect(try ci.ask("register", "registry.example/web:1.4.0@\(Playground.digest("1"))", "--no-registry").status == 0)
        #expect(try !alice.promote.run("plan", "build", "dev").output.contains("but as Kustomize"))
        #expect(try !alice.promote.run("doctor").output.contains("is not the same as Kustomize"))
    }
}
