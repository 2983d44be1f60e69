<?php

declare(strict_types=1);

namespace CrowdSky\Fits;

/**
 * The rows of a stack's table FRAMES, and what strangers get of them.
 *
 * Telescopes write local time into the names of frames; the hash of a raw frame would let somebody try out places until
 * one fits; and transformations show how fast the sky turned in the picture, and so the latitude. Names become numbers,
 * hashes become pseudonyms, transformations are rounded to whole pixels and degrees, and reasons, which quote headers,
 * go. Columns that are not known here become zeros.
 */
final class FramesTable
{
    public const NAME = 'FRAMES';

    private const WIDTHS = ['L' => 1, 'B' => 1, 'A' => 1, 'I' => 2, 'J' => 4, 'E' => 4, 'K' => 8, 'D' => 8, 'C' => 8, 'P' => 8, 'M' => 16, 'Q' => 16];
    private const PLAIN = ['EXPTIME', 'NSTARS', 'FWHM', 'ELLIPTIC', 'SKY', 'WEIGHT', 'USED'];
    private const TIME = '/^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,9})?$/D';
    private const PUBLIC_NAME = '/^frame_[0-9]{1,18}\.fits$/D';

    /** @param list<array{string, int, int}> $columns name, offset in the row and bytes */
    private function __construct(
        private readonly int $rowBytes,
        private readonly int $rows,
        private readonly array $columns,
    ) {
    }

    /** @return self|null null when the header does not describe a table */
    public static function of(HeaderCards $header): ?self
    {
        $columns = [];
        $at = 0;
        for ($number = 1; $number <= min($header->integer('TFIELDS') ?? 0, 999); $number++) {
            if (preg_match('/^([0-9]{0,6})([LBAIJEKDCPMQ])/', $header->text("TFORM$number") ?? '', $match) !== 1) {
                return null;
            }
            $bytes = ($match[1] === '' ? 1 : (int) $match[1]) * self::WIDTHS[$match[2]];
            $columns[] = [strtoupper($header->text("TTYPE$number") ?? ''), $at, $bytes];
            $at += $bytes;
        }
        $isTable = $header->text('XTENSION') === 'BINTABLE' && $at > 0 && $header->integer('NAXIS1') === $at;
        return $isTable ? new self($at, max(0, $header->integer('NAXIS2') ?? 0), $columns) : null;
    }

    /**
     * @param string $data at least the rows
     * @param array{float, float} $middle of the picture in pixels
     * @param string $secret makes the pseudonyms
     * @return string the rows as strangers get them, with the same number of bytes; what follows them is zeros
     */
    public function publicRows(string $data, array $middle, string $secret): string
    {
        $public = '';
        for ($row = 0; $row < $this->rows; $row++) {
            $bytes = substr($data, $row * $this->rowBytes, $this->rowBytes);
            foreach ($this->columns as [$name, $at, $width]) {
                $public .= self::publicValue($name, substr($bytes, $at, $width), $width, $row + 1, $middle, $secret);
            }
        }
        return str_pad($public, strlen($data), "\0");
    }

    /**
     * Whether a frame has another name than those that strangers get.
     *
     * @param string $data at least the rows
     */
    public function hasOwnNames(string $data): bool
    {
        foreach ($this->columns as [$name, $at, $width]) {
            for ($row = 0; $name === 'FILENAME' && $row < $this->rows; $row++) {
                if (preg_match(self::PUBLIC_NAME, rtrim(substr($data, $row * $this->rowBytes + $at, $width), " \0")) !== 1) {
                    return true;
                }
            }
        }
        return false;
    }

    /** @param array{float, float} $middle */
    private static function publicValue(string $name, string $value, int $width, int $number, array $middle, string $secret): string
    {
        $text = rtrim($value, " \0");
        return match (true) {
            in_array($name, self::PLAIN, true) => $value,
            $name === 'FILENAME' => self::fitted(preg_match(self::PUBLIC_NAME, $text) === 1 ? $text : "frame_$number.fits", (string) $number, $width),
            $name === 'SHA256' => self::fitted($text === '' ? '' : hash_hmac('sha256', "frame $text", $secret), '', $width),
            $name === 'DATE_OBS' => self::fitted(preg_match(self::TIME, $text) === 1 ? $text : '', '', $width),
            $name === 'TRANSFORM' && $width === 48 => self::rounded($value, $middle),
            default => str_repeat("\0", $width),
        };
    }

    private static function fitted(string $text, string $short, int $width): string
    {
        return str_pad(substr(strlen($text) <= $width ? $text : $short, 0, $width), $width, "\0");
    }

    /**
     * Rounds the angle to whole degrees, the shift of the middle to whole pixels and the scale to hundredths. The shift
     * of the first pixel would show the angle.
     *
     * @param array{float, float} $middle
     */
    private static function rounded(string $value, array $middle): string
    {
        [$a, $b, $c, $d, $e, $f] = array_values((array) unpack('E6', $value));
        if (is_nan($a + $b + $c + $d + $e + $f)) {
            return $value;
        }
        [$x, $y] = $middle;
        $scale = round(sqrt(abs($a * $e - $b * $d)), 2);
        $parity = $a * $e - $b * $d < 0 ? -1.0 : 1.0;
        $angle = deg2rad(round(rad2deg(atan2($d, $a))));
        [$cos, $sin] = [$scale * cos($angle), $scale * sin($angle)];
        $shiftX = round($a * $x + $b * $y + $c - $x);
        $shiftY = round($d * $x + $e * $y + $f - $y);
        [$b, $e] = [-$parity * $sin, $parity * $cos];
        return pack('E6', $cos, $b, $x + $shiftX - $cos * $x - $b * $y, $sin, $e, $y + $shiftY - $sin * $x - $e * $y);
    }
}
