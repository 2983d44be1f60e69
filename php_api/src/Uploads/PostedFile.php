<?php

declare(strict_types=1);

namespace CrowdSky\Uploads;

use CrowdSky\Http\Request;

/** A file that arrived as a form field and waits in PHP's temporary folder. */
final class PostedFile
{
    private function __construct(public readonly string $name, private readonly string $path, public readonly int $bytes)
    {
    }

    /**
     * Returns the file of a form with one file field.
     *
     * @throws UploadRefused when there is none or PHP could not receive it
     */
    public static function of(Request $request, string $field): self
    {
        $entry = $request->file($field);
        if ($entry === null) {
            throw self::isDropped($request) ? UploadRefused::formTooLarge(ini_get('post_max_size')) : UploadRefused::noFile();
        }

        return self::fromEntry($entry);
    }

    /**
     * @param array<string, mixed> $entry of $_FILES, for one file
     * @throws UploadRefused when PHP could not receive the file
     */
    public static function fromEntry(array $entry): self
    {
        if ($entry['error'] !== UPLOAD_ERR_OK) {
            throw UploadRefused::byPhp((int) $entry['error']);
        }

        return new self((string) $entry['name'], (string) $entry['tmp_name'], (int) $entry['size']);
    }

    /**
     * Whether PHP dropped a form: one that exceeds post_max_size loses all its fields without an error.
     */
    public static function isDropped(Request $request): bool
    {
        $isForm = str_starts_with((string) $request->header('Content-Type'), 'multipart/form-data');

        return $isForm && $request->body()->length() > self::iniBytes('post_max_size');
    }

    /** @return resource */
    public function open(): mixed
    {
        $stream = fopen($this->path, 'rb');
        if ($stream === false) {
            throw new \RuntimeException("The uploaded file {$this->path} cannot be read; check upload_tmp_dir.");
        }

        return $stream;
    }

    /** Converts a size in php.ini such as 8M to bytes; 0 there means no limit. */
    private static function iniBytes(string $setting): int
    {
        $text = trim((string) ini_get($setting));
        $shift = ['k' => 10, 'm' => 20, 'g' => 30][strtolower(substr($text, -1))] ?? 0;
        $bytes = (int) $text << $shift;

        return $bytes === 0 ? PHP_INT_MAX : $bytes;
    }
}
