BvariableJ0õ}
C´òCcÞB­²åB,ö"CWÇBcÞBü‰ôB®µØBØ;tC!|C’0†C