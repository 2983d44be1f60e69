<?php

declare(strict_types=1);

namespace CrowdSky\Fits;

/**
 * Reads the headers of a FITS file, and nothing but the headers.
 *
 * The reader touches at most 36 blocks of 2880 bytes, whatever the file claims, so that checking an upload costs no
 * more for a malicious file than for an honest one.
 */
final class HeaderReader
{
    private const BLOCK_BYTES = 2880;
    private const MAX_BLOCKS = 36;

    private const CARD_BYTES = 80;

    /** First bytes of what people upload by mistake. */
    private const FOREIGN = [
        "\x1f\x8b" => 'a gzip archive; unpack it and upload the .fit file inside',
        "PK\x03\x04" => 'a zip archive; unpack it and upload the .fit files inside',
        "BZh" => 'a bzip2 archive; unpack it and upload the .fit file inside',
        "\xfd7zXZ" => 'an xz archive; unpack it and upload the .fit file inside',
        "7z\xbc\xaf" => 'a 7-Zip archive; unpack it and upload the .fit files inside',
        "\x89PNG" => 'a PNG picture; upload the raw .fit sub instead',
        "\xff\xd8\xff" => 'a JPEG picture; upload the raw .fit sub instead',
        "II*\x00" => 'a TIFF picture; upload the raw .fit sub instead',
        "MM\x00*" => 'a TIFF picture; upload the raw .fit sub instead',
        "XISF" => 'an XISF file; upload the raw .fit sub instead',
    ];

    /**
     * Reads the primary header of any FITS file.
     *
     * @throws FrameRefused when the file is none
     */
    public function primaryCards(string $path): HeaderCards
    {
        $stream = self::open($path);
        try {
            $this->refuseForeignContent((string) fread($stream, self::CARD_BYTES), fstat($stream)['size']);
            rewind($stream);

            return $this->readCards($stream);
        } finally {
            fclose($stream);
        }
    }

    /**
     * Reads the facts about the raw sub at `$path`.
     *
     * @throws FrameRefused when the file is not a sub that can be stacked
     */
    public function read(string $path): SubFrame
    {
        $stream = self::open($path);
        try {
            $fileBytes = fstat($stream)['size'];
            $this->refuseForeignContent((string) fread($stream, self::CARD_BYTES), $fileBytes);
            rewind($stream);
            $cards = $this->readCards($stream);
            $headerBytes = ftell($stream);
            if ($cards->integer('NAXIS') === 0) {
                $this->refuseCompressedExtension($stream);
            }
        } finally {
            fclose($stream);
        }
        $shape = ImageShape::of($cards);
        $shape->requireBytes($fileBytes - $headerBytes, self::BLOCK_BYTES);

        return SubFrame::fromHeader($cards, $shape);
    }

    /** @return resource */
    private static function open(string $path): mixed
    {
        $stream = @fopen($path, 'rb');

        return $stream === false ? throw new \RuntimeException("Could not open {$path} to read its FITS header.") : $stream;
    }

    /** Every FITS file starts with the same 30 bytes; a file that does not is refused with what it is instead. */
    private function refuseForeignContent(string $start, int $fileBytes): void
    {
        if ($fileBytes === 0) {
            throw FrameRefused::truncated('The file is empty. Copy it from the telescope again.');
        }
        if (str_starts_with($start, 'SIMPLE  =' . str_repeat(' ', 20) . 'T')) {
            return;
        }
        foreach (self::FOREIGN as $magic => $name) {
            if (str_starts_with($start, $magic)) {
                throw FrameRefused::notFits("This is not a FITS file but {$name}.");
            }
        }
        if (preg_match('/^\s*<(!doctype|html|head|body|\?xml)/i', $start)) {
            throw FrameRefused::notFits(
                'This is not a FITS file but a web page; the download it came from probably failed.'
            );
        }
        throw FrameRefused::notFits('This is not a FITS file: it does not start with "SIMPLE  =  T".');
    }

    /**
     * Reads the cards up to END and leaves the stream at the first block after them.
     *
     * @param resource $stream positioned at the start of a header
     */
    private function readCards(mixed $stream): HeaderCards
    {
        $cards = new HeaderCards();
        for ($block = 0; $block < self::MAX_BLOCKS; $block++) {
            $bytes = (string) fread($stream, self::BLOCK_BYTES);
            if (strlen($bytes) < self::BLOCK_BYTES) {
                throw FrameRefused::truncated(
                    'The FITS header is cut off before its END card. Copy the file from the telescope again.'
                );
            }
            foreach (str_split($bytes, self::CARD_BYTES) as $card) {
                if (rtrim($card) === 'END') {
                    return $cards;
                }
                if (preg_match('/[^\x20-\x7e]/', substr($card, 0, 10))) {
                    throw FrameRefused::badHeader(
                        'The FITS header has no END card: binary data starts inside it.'
                    );
                }
                $cards->add($card);
            }
        }
        throw FrameRefused::badHeader(sprintf(
            'The FITS header is longer than %d blocks; no telescope writes that much.',
            self::MAX_BLOCKS
        ));
    }

    /**
     * A file compressed by fpack has an empty primary part; it gets a better message than other files without an image.
     *
     * @param resource $stream positioned after the primary header
     */
    private function refuseCompressedExtension(mixed $stream): void
    {
        $start = (string) fread($stream, self::CARD_BYTES);
        if (!str_starts_with($start, 'XTENSION')) {
            return;
        }
        fseek($stream, -self::CARD_BYTES, SEEK_CUR);
        if ($this->readCards($stream)->logical('ZIMAGE') === true) {
            throw FrameRefused::compressed(ImageShape::COMPRESSED);
        }
    }
}
