import Testing

@testable import Merging

@Test("every resolver has a name of its own, and none acts alone without a record")
func resolverNames() {
  let names = StandardResolvers.all.map(\.name)
  #expect(Set(names).count == names.count)
  #expect(
    StandardResolvers.auto.allSatisfy { resolver in
      ResolverRecord.table.contains { $0.name == resolver.name }
    })
}
