extension OrganizationKind {
    /// What may stand directly below it. Any kind may be a root, for a register may begin anywhere in the tree.
    package var childKinds: Set<OrganizationKind> {
        switch self {
        case .city: [.district, .street, .enterprise, .industryFederation, .holding]
        case .district: [.street, .enterprise, .industryFederation, .holding]
        case .street: [.enterprise, .industryFederation, .holding]
        case .industryFederation: [.enterprise, .holding]
        // 集团公司: a group's firms stand below it.
        case .enterprise: [.enterprise]
        case .holding: []
        }
    }
}
