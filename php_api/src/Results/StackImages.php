<?php

declare(strict_types=1);

namespace CrowdSky\Results;

use CrowdSky\Fits\FitsOutline;

/**
 * Fingerprints of all pictures in a stack, planes and maps alike. Each covers how the pixels are coded and every bit of
 * them, but no other card, so that it stays the same when a picture is solved again.
 */
final class StackImages
{
    /** @param array<string, string> $hashes hex, by name of the extension */
    private function __construct(private readonly array $hashes)
    {
    }

    public static function of(FitsOutline $file): self
    {
        $hashes = [];
        foreach ($file->parts() as $number => $part) {
            // A part without axes, such as ARCHIVE, is no picture.
            if ($part->imageHash !== null && $part->header->axes() !== []) {
                $name = $part->name() === '' || isset($hashes[$part->name()]) ? "extension $number" : $part->name();
                $hashes[$name] = $part->imageHash;
            }
        }
        return new self($hashes);
    }

    /** Reads what toStored() wrote. */
    public static function fromStored(string $json): self
    {
        return new self(json_decode($json, true, 2, JSON_THROW_ON_ERROR));
    }

    public function toStored(): string
    {
        return json_encode($this->hashes, JSON_THROW_ON_ERROR);
    }

    /** @return string|null what is not the same in the other stack, null when all pictures are */
    public function difference(self $other): ?string
    {
        foreach ($this->hashes + $other->hashes as $name => $hash) {
            if (!isset($other->hashes[$name])) {
                return "it lacks $name, which the archived stack has";
            }
            if (!isset($this->hashes[$name])) {
                return "it has $name, which the archived stack lacks";
            }
            if ($other->hashes[$name] !== $this->hashes[$name]) {
                return "its $name is not that of the archived stack";
            }
        }
        return null;
    }
}
