import GitOpsTypes
public import ManifestRendering
public import PromotionDomain

/// Reads a repository as it is, and proposes a configuration that promotes what is there.
public struct RepositorySurvey {
    private let trees: SurveyTrees
    private let renderers: SourceRenderers
    private let request: SurveyRequest
    private let existing: Policy?

    /// - Parameters:
    ///   - trees: what the environments are in.
    ///   - renderers: how sources are rendered.
    ///   - existing: the configuration that is there already, whose environments and applications stay as they are.
    public init(_ trees: SurveyTrees, renderers: SourceRenderers, request: SurveyRequest, existing: Policy?) {
        self.trees = trees
        self.renderers = renderers
        self.request = request
        self.existing = existing
    }

    /// - Throws: `SurveyProblem` for a wish that cannot be met; or what the files throw.
    public func proposal() throws -> SetupProposal {
        let main = RepositorySurvey(
            trees.withoutBranches, renderers: renderers, request: request, existing: existing)
        do {
            let proposal = try main.proposalOfTree()
            guard !trees.branches.isEmpty, !proposal.hasApplications else { return proposal }
            let ofBranches = try proposalOfBranches()
            return ofBranches.hasApplications ? ofBranches : proposal
        } catch let problem as SurveyProblem where !trees.branches.isEmpty {
            let ofBranches = try proposalOfBranches()
            if ofBranches.hasApplications { return ofBranches }
            throw problem
        }
    }

    private func proposalOfTree() throws -> SetupProposal {
        let index = try TreeIndex(of: trees.main)
        let files = SurveyFiles(trees.main)
        let reader = TemplateReader(index: index, lexicon: lexicon)
        let objects = AgentObjects(in: index, files)
        let policies = FluxPolicies(objects)
        let (agents, plain) = (self.agents(objects, index, reader, files), self.plain(index, reader, files))
        let images = sourceImages(
            agents, plain, RenderedImages(trees: trees, renderers: renderers, policies: policies))
        let survey = Surveyed(
            images: images, policies: policies, hints: OrderHints(objects, index, files, lexicon).hints, index: index)
        let guesses = index.guesses + images.guesses + ForeignFiles(index: index, lexicon: lexicon).guesses
        var proposal = try proposal(
            of: survey, { guesses + unreadable(files) },
            hasManifests: !index.kustomizations.isEmpty || !index.charts.isEmpty || index.hasManifests(files))
        proposal.isDirectoryTaken = agents.isDirectoryTaken || plain.isDirectoryTaken
        return proposal
    }

    private func proposalOfBranches() throws -> SetupProposal {
        let branches = try trees.branches.mapValues { branch in
            BranchSurvey.BranchTree(index: try TreeIndex(of: branch.files), files: SurveyFiles(branch.files))
        }
        let policies = FluxPolicies(AgentObjects.none)
        var images = SourceImages(RenderedImages(trees: trees, renderers: renderers, policies: policies))
        images.add(restricted(BranchSurvey(branches: branches).findings()))
        let survey = Surveyed(images: images, policies: policies, hints: [], index: nil)
        return try proposal(of: survey, { images.guesses }, hasManifests: true)
    }

    /// What was read.
    private struct Surveyed {
        let images: SourceImages
        let policies: FluxPolicies
        let hints: [OrderHint]
        /// Nil where there are several.
        let index: TreeIndex?
    }

    private var lexicon: EnvironmentLexicon { EnvironmentLexicon(given: request.environments) }

    private func proposal(of survey: Surveyed, _ notes: () -> [Guess], hasManifests: Bool) throws -> SetupProposal {
        var drafts = ApplicationDrafts(taken: Set(existing?.applications.map(\.name) ?? []), survey.policies)
        let sources = SeparateSources(survey.images.rendered, besides: existing)
        for rendered in sources.kept {
            drafts.add(rendered.source, rendered: rendered.images, wanted: Set(request.images))
        }
        let choice = ChosenApplications(request, existing)
        let chosen = PromotableDrafts(
            try choice.choose(drafts.drafts), Promotability(trees: trees, renderers: renderers))
        let added = existing.map { AddedEnvironments(drafts.drafts, choice, $0) }
        let known = Set(existing?.environments.map(\.name) ?? [])
        let order = EnvironmentOrder(lexicon: lexicon, hints: survey.hints, known: known, trail: survey.images.trail)
        let found = Set(chosen.drafts.flatMap(\.environments)).union(added?.names ?? [])
        let environments = try proposedEnvironments(found, order)
        let all = known.union(environments.map(\.name))
        let sets = survey.index.map {
            ProposedSets(chosen.drafts, in: $0, all, hasSet: existing?.sets.isEmpty == false)
        }
        let single = sets?.others ?? chosen.drafts
        return SetupProposal(
            environments: environments, applications: single.map { $0.proposed(among: all) }, sets: sets?.sets ?? [],
            guesses: SurveyWords(order: order).guesses(of: single, sets?.sets ?? [], environments) + chosen.guesses
                + (added?.guesses(order.sources(of: found), lexicon) ?? []) + drafts.guesses + sources.guesses + notes(),
            hasManifests: hasManifests)
    }

    // MARK: Sources

    private func plain(_ index: TreeIndex, _ reader: TemplateReader, _ files: SurveyFiles) -> SourceFindings {
        restricted(
            OverlaySurvey(index: index, reader: reader, files: files).findings()
                + ChartSurvey(index: index, reader: reader, files: files).findings()
                + PlainSurvey(index: index, reader: reader, files: files).findings())
    }

    private func agents(
        _ objects: AgentObjects, _ index: TreeIndex, _ reader: TemplateReader, _ files: SurveyFiles
    ) -> SourceFindings {
        restricted(
            FluxSurvey(objects: objects, index: index, reader: reader, files: files).findings()
                + ArgoSurvey(objects: objects, index: index, reader: reader, files: files).findings())
    }

    /// What agents render, where that runs anything, and besides it what they render nothing else of.
    private func sourceImages(
        _ agents: SourceFindings, _ plain: SourceFindings, _ renderings: RenderedImages
    ) -> SourceImages {
        var images = SourceImages(renderings)
        images.add(agents)
        let replaced = images.rendered.filter { !$0.images.values.allSatisfy(\.isEmpty) }
            .reduce(into: Set<RepositoryPath>()) { $0.formUnion($1.source.replaces) }
        var rest = plain
        rest.sources.removeAll { source in
            source.environments.contains { environment in
                let path = source.source.place(of: .surveyed, in: environment).path
                return path.nearest(in: replaced) != nil
            }
        }
        images.add(rest)
        return images
    }

    /// Without what is in the configuration's own folder, which no promotion may change; with the overlays alone that were asked for.
    private func restricted(_ findings: SourceFindings) -> SourceFindings {
        var result = SourceFindings(guesses: findings.guesses)
        for source in findings.sources {
            if let overlay = request.overlay, source.template != overlay { continue }
            if source.environments.contains(where: {
                source.source.place(of: .surveyed, in: $0).paths.contains { $0.isInside(request.directory) }
            }) {
                result.isDirectoryTaken = true
                result.guesses.append(
                    Guess(
                        about: "\(source.template.text) is left alone",
                        because:
                            "\(request.directory)/ is where promote keeps its configuration: --environments-dir promote puts that elsewhere"
                    ))
                continue
            }
            result.sources.append(source)
        }
        return result
    }

    private func proposedEnvironments(
        _ found: Set<EnvironmentName>, _ order: EnvironmentOrder
    ) throws -> [ProposedEnvironment] {
        let known = Set(existing?.environments.map(\.name) ?? [])
        if let missing = request.environments.first(where: { !found.contains($0) && !known.contains($0) }), !found.isEmpty {
            throw SurveyProblem(
                "nothing is there for the environment “\(missing)”",
                hint:
                    "found are \(found.sorted().map(\.text).joined(separator: ", ")); name an environment that has a place in the tree"
            )
        }
        let sources = order.sources(of: found)
        return order.tiers(of: found).joined().filter { found.contains($0) && !known.contains($0) }.map { name in
            var environment = ProposedEnvironment(
                name: name, sources: sources[name] ?? [], branch: trees.branches[name]?.name,
                isProduction: order.lexicon.isProduction(name))
            environment.soak = order.soak(of: name, from: environment.sources)
            return environment
        }
    }

    private func unreadable(_ files: SurveyFiles) -> [Guess] {
        files.unreadable.sorted { $0.key < $1.key }.prefix(10).map {
            Guess(about: "\($0.key) is left alone", because: "it cannot be read: \($0.value)")
        }
    }
}

/// A wish that cannot be met.
public struct SurveyProblem: Error, Hashable, Sendable {
    public let message: String
    public let hint: String

    init(_ message: String, hint: String) {
        self.message = message
        self.hint = hint
    }
}
