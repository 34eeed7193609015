import GitOpsTypes

/// The charts of a build, and what renders them.
struct ChartBuild {
    private let inflating: (any ChartInflating)?
    private let files: KustomizationFiles
    /// What has rendered the last one; nil as long as there were none.
    private(set) var program: InflatedChart?

    /// - Parameter inflating: nil where no charts are rendered.
    init(by inflating: (any ChartInflating)?, of files: KustomizationFiles) {
        self.inflating = inflating
        self.files = files
    }

    /// What a chart is rendered to.
    ///
    /// - Throws: `KustomizeError` where none is rendered here, or not this one; or what keeps it from being rendered.
    mutating func resources(of generator: ChartGenerator) throws -> [Resource] {
        guard let inflating else { throw generator.isNotRendered }
        let request = try generator.request()
        try files.budget.spend(steps: RenderBudget.stepsOfChart)
        let chart = try inflating.inflate(request, from: files.source)
        program = chart
        try files.budget.spend(bytes: chart.text.count)
        do {
            return try ManifestReader(chart.text, path: request.chart).resources()
        } catch {
            throw inflating.located(error, in: chart, of: request)
        }
    }
}
