minutes = { $minutes ->
    [0] kurang dari satu menit
   *[other] { $minutes } menit
}
code = { $code } adalah kode { $brand } Anda. Berlaku { minutes }. Jangan berikan kepada siapa pun.
short = { $code } adalah kode { $brand } Anda, berlaku { minutes }. Jangan dibagikan.
reference = Referensi: { $reference }.
