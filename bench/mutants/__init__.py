"""Mutation testing of the oracle: does a campaign see every small fault in the reference?

Each expression of an op's `forward` and `vjp` is changed in one place (a sign, a term, a comparison, an
axis), the changed function is put in the op's place, and a campaign runs until its first failure.  A
mutant that a campaign never notices is either **equivalent**, and listed with the reason in
`equivalents/`, or a **survivor**: something that the generator does not draw or the judge does not
see.

    python -m bench.mutants --ops relu,softplus --seeds 11,12,13 --cases 1000

`operators` says what is changed, `subjects` where, `mutants` builds and plants the changed function,
`hunt` runs the campaigns, `register` keeps the equivalents and `table` prints the result.
"""
