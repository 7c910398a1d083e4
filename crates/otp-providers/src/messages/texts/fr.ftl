# é and è are in the GSM alphabet; ê, ç and œ are not.
minutes = { $minutes ->
    [0] moins d'une minute
    [one] { $minutes } minute
   *[other] { $minutes } minutes
}
code = { $code } est votre code { $brand }. Il est valable { minutes }. Ne le partagez avec personne.
short = { $code } est votre code { $brand }, valable { minutes }. Ne le partagez pas.
reference = Référence : { $reference }.
