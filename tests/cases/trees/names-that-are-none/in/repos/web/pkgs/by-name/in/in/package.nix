{ }: null
