package emulator

var mutants = family(mutantsTransport, mutantsEnvelope, mutantsValidation, mutantsNumbers, mutantsGateway, mutantsAccounts, mutantsLoad, mutantsCodes)

var benign = family(benignVariants)
