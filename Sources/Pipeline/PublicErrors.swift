internal import Forges
internal import Models
internal import Work

extension EndpointError: PubliclyTold {
  var publicWords: String {
    switch reason {
    case .missingKey: "no key for it is set up on the server"
    case .unusableKey, .unusableAddress, .unencrypted: "the server is not set up to ask it"
    }
  }
}

extension InvalidModelName: PubliclyTold {
  var publicWords: String { description }
}

extension NoPrice: PubliclyTold {
  package var publicWords: String {
    "the server knows no price of it, so the limit of \(limit) in 'budget' could not be kept: name another model, or "
      + "ask whoever runs Arborist"
  }
}

extension ForgeError: PubliclyTold {
  var publicWords: String { "a request to the forge failed" }
}

extension JobFailure: PubliclyTold {
  package var publicWords: String { told ?? description }
}
