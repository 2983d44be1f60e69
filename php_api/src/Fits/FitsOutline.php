<?php

declare(strict_types=1);

namespace CrowdSky\Fits;

/**
 * Reads a FITS file from a stream of bytes: its parts, whether it is complete, and what its data are like.
 *
 * It holds one block of 2880 bytes and one piece of data at a time. It is for files written by workers; uploaded raw
 * frames are checked by HeaderReader.
 */
final class FitsOutline
{
    private const MAX_PARTS = 64;
    private const MAX_HEADER_BLOCKS = 500;

    private string $block = '';
    private HduHeader $header;
    private ?DataUnit $data = null;
    private ?string $problem = null;
    /** @var list<FitsPart> */
    private array $parts = [];
    private readonly StackHeader $primary;

    public function __construct()
    {
        $this->primary = new StackHeader();
        $this->header = new HduHeader($this->primary);
    }

    public function feed(string $bytes): void
    {
        while ($bytes !== '' && $this->problem === null) {
            $wanted = $this->data === null ? HduHeader::BLOCK - strlen($this->block) : $this->data->left();
            $taken = strlen($bytes) <= $wanted ? $bytes : substr($bytes, 0, $wanted);
            $bytes = strlen($bytes) <= $wanted ? '' : substr($bytes, $wanted);
            $this->data === null ? $this->takeHeader($taken) : $this->takeData($this->data, $taken);
        }
    }

    /** @return string|null what is wrong with the structure of the file, null when nothing is; ask after the last byte */
    public function problem(): ?string
    {
        if ($this->problem !== null) {
            return $this->problem;
        }
        $isWhole = $this->parts !== [] && $this->data === null && $this->block === '' && $this->header->blocks() === 0;
        return $isWhole ? null : 'it is not a whole FITS file: it ends within a header or its data';
    }

    /** @return list<FitsPart> in the order of the file, the primary part first; ask after the last byte */
    public function parts(): array
    {
        return $this->parts;
    }

    /** What the primary header says; ask after the last byte. */
    public function primary(): StackHeader
    {
        return $this->primary;
    }

    /** Whether the file tells a stranger where and by whom it was taken; ask after the last byte. */
    public function tellsPlace(): bool
    {
        return array_filter($this->parts, static fn (FitsPart $part): bool => $part->tellsPlace) !== [];
    }

    private function takeHeader(string $bytes): void
    {
        $this->block .= $bytes;
        if (strlen($this->block) < HduHeader::BLOCK) {
            return;
        }
        [$block, $this->block] = [$this->block, ''];
        $isPrimary = $this->parts === [];
        if ($this->header->blocks() === 0 && !str_starts_with($block, $isPrimary ? 'SIMPLE  =' : 'XTENSION=')) {
            $this->problem = $isPrimary ? 'it does not start as a FITS file' : 'its parts do not follow each other as in a FITS file';
        } elseif ($this->header->add($block)) {
            $this->beginData();
        } elseif ($this->header->blocks() >= self::MAX_HEADER_BLOCKS) {
            $this->problem = 'one of its headers does not end';
        }
    }

    private function beginData(): void
    {
        $size = $this->header->dataSize();
        if ($size === null) {
            $this->problem = 'one of its headers does not describe its data';
        } else {
            $this->takeData(new DataUnit($this->header, $size), '');
        }
    }

    private function takeData(DataUnit $data, string $bytes): void
    {
        $data->feed($bytes);
        $this->data = $data;
        if ($data->left() > 0) {
            return;
        }
        $this->parts[] = $data->end();
        $this->data = null;
        $this->header = new HduHeader(null);
        if (count($this->parts) > self::MAX_PARTS) {
            $this->problem = 'it has more than ' . self::MAX_PARTS . ' parts';
        }
    }
}
