INSERT INTO files VALUES (
    $id, $name, $sha256, $bytes, $stamp, $fingerprint, $format, $source, $vintage, $refusal, $read, $staged, $unit, $note,
    $both, $all, $cut, $declared, $repeated, $seconds)
