{ x }: x ./missing.patch ./missing.patch
