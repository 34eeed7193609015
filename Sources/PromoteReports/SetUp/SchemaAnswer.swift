public import PromotionConfiguration

extension Answer {
    /// `promote schema`: the schema itself, in both forms.
    ///
    /// - Throws: `EncodingError` where it has no JSON.
    public init(_ schema: ConfigurationSchema) throws {
        self.init(json: schema, text: try JSONText.pages(of: schema))
    }
}
