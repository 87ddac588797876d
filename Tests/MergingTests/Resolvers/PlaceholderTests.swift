import Testing

@testable import Merging

@Test func placeholder() { #expect(StandardResolvers.all.count == 4) }
