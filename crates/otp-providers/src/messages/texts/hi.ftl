minutes = { $minutes ->
    [0] एक मिनट से कम
   *[other] { $minutes } मिनट
}
code = { $code } आपका { $brand } कोड है, { minutes } तक मान्य। इसे किसी को न बताएँ।
short = { $code } { $brand } कोड, { minutes }। किसी को न बताएँ।
reference = संदर्भ: { $reference }।
