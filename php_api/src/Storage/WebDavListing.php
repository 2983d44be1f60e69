<?php

declare(strict_types=1);

namespace CrowdSky\Storage;

use CrowdSky\Base\ConfigurationError;

/**
 * Reads the answer to a PROPFIND (RFC 4918) from a file, entry by entry, whatever prefixes, order and extra properties
 * the server uses.
 */
final class WebDavListing
{
    /** Body of the request; the fewer properties it asks for, the faster a server answers. */
    public const QUESTION = '<?xml version="1.0" encoding="utf-8"?><propfind xmlns="DAV:"><prop>'
        . '<resourcetype/><getcontentlength/><getlastmodified/></prop></propfind>';

    private const NAMESPACE = 'DAV:';

    /** @var array<string, string> properties of the present propstat */
    private array $properties = [];
    /** @var array<string, string> properties of the present response that the server really has */
    private array $found = [];
    private string $status = '';
    private ?string $href = null;

    private function __construct(private readonly \XMLReader $reader)
    {
    }

    /**
     * @return \Generator<WebDavEntry>
     * @throws StorageUnavailable at its end, when it is not a listing or is cut off
     */
    public static function read(string $file): \Generator
    {
        if (!class_exists(\XMLReader::class)) {
            throw new ConfigurationError('PHP has no XMLReader, which listing a WebDAV share needs; install php-xml');
        }
        $previous = libxml_use_internal_errors(true);
        $reader = \XMLReader::open($file, null, LIBXML_NONET);
        try {
            yield from (new self($reader))->entries();
        } finally {
            $reader->close();
            libxml_clear_errors();
            libxml_use_internal_errors($previous);
        }
    }

    /** @return \Generator<WebDavEntry> */
    private function entries(): \Generator
    {
        $isWhole = false;
        while ($this->reader->read()) {
            if ($this->reader->nodeType === \XMLReader::DOC_TYPE) {
                // Only an attack defines entities in a listing.
                break;
            }
            if ($this->reader->namespaceURI !== self::NAMESPACE) {
                continue;
            }
            if ($this->reader->nodeType === \XMLReader::ELEMENT) {
                $this->enter($this->reader->localName);
            }
            if ($this->reader->nodeType === \XMLReader::END_ELEMENT) {
                $isWhole = $this->reader->localName === 'multistatus';
                $entry = $this->leave($this->reader->localName);
                if ($entry !== null) {
                    yield $entry;
                }
            }
        }
        if (!$isWhole) {
            throw new StorageUnavailable('a listing of the share is cut off or is no WebDAV listing');
        }
    }

    private function enter(string $name): void
    {
        if ($name === 'response') {
            [$this->href, $this->found] = [null, []];
        } elseif ($name === 'href') {
            // Properties may contain further hrefs; the response's own comes first.
            $this->href ??= trim($this->reader->readString());
        } elseif ($name === 'propstat') {
            [$this->properties, $this->status] = [[], ''];
        } elseif ($name === 'status') {
            $this->status = $this->reader->readString();
        } elseif (in_array($name, ['collection', 'getcontentlength', 'getlastmodified'], true)) {
            $this->properties[$name] = trim($this->reader->readString());
        }
    }

    private function leave(string $name): ?WebDavEntry
    {
        if ($name === 'propstat' && preg_match('#^HTTP/\S+ 200\b#', trim($this->status)) === 1) {
            $this->found += $this->properties;
        }
        return $name === 'response' && $this->href !== null ? $this->entry($this->href) : null;
    }

    private function entry(string $href): WebDavEntry
    {
        $size = $this->found['getcontentlength'] ?? '';
        $modified = strtotime($this->found['getlastmodified'] ?? '');
        return new WebDavEntry(
            $href,
            isset($this->found['collection']),
            preg_match('/^[0-9]{1,18}$/', $size) === 1 ? (int) $size : null,
            $modified === false ? null : $modified,
        );
    }
}
