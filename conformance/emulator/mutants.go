package emulator

var mutants = family(mutantsTransport, mutantsEnvelope, mutantsValidation, mutantsNumbers, mutantsGateway, mutantsAccounts, mutantsLoad, mutantsCodes, mutantsReceipt)

var benign = family(benignVariants)
