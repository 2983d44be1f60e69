<?php

declare(strict_types=1);

namespace CrowdSky\Base;

/**
 * The one folder the site writes to: database, raw frames, local stacks, spool, secret, log, the picture of the sky, and what
 * the gallery keeps to be quick.
 *
 * It is created on first use, with a file that denies web access in case it lies under a web root.
 */
final class DataFolder
{
    private const FOLDERS = ['raws', 'stacks', 'spool', 'log', 'sky', 'gallery'];

    private function __construct(public readonly string $root)
    {
    }

    /** @throws ConfigurationError when the folder cannot be created or written to */
    public static function open(string $root): self
    {
        $folder = new self($root);
        if (!$folder->isComplete()) {
            $folder->create();
        }
        return $folder;
    }

    public function path(string $name): string
    {
        return "{$this->root}/$name";
    }

    /**
     * The server's own secret, 32 random bytes generated on first use; lease tokens are derived from it.
     *
     * @throws ConfigurationError when it can be neither read nor created
     */
    public function secret(): string
    {
        $file = $this->path('secret');
        if (!is_file($file)) {
            $this->createSecret($file);
        }
        $secret = @file_get_contents($file);
        if ($secret === false || strlen($secret) !== 32) {
            throw new ConfigurationError(
                "The server secret $file cannot be read; check its owner and mode, or delete it to make a new one "
                . '(running jobs lose their lease)'
            );
        }
        return $secret;
    }

    /** @return list<string> paths of what the site keeps private, whether they exist or not */
    public function privatePaths(): array
    {
        return array_map($this->path(...), [...self::FOLDERS, 'sessions', 'mail', 'secret']);
    }

    /** A restored backup may lack folders that were empty. */
    private function isComplete(): bool
    {
        $missing = array_filter(self::FOLDERS, fn (string $name): bool => !is_dir($this->path($name)));
        return $missing === [] && is_file($this->path('.htaccess'));
    }

    private function create(): void
    {
        foreach (['', ...self::FOLDERS] as $name) {
            $path = rtrim("{$this->root}/$name", '/');
            if (!is_dir($path) && !@mkdir($path, 0770, true) && !is_dir($path)) {
                throw new ConfigurationError("The data folder $path cannot be made; create it and give it to the user that runs PHP, or set data_dir");
            }
        }
        if (@file_put_contents("{$this->root}/.htaccess", "Require all denied\n") === false) {
            throw new ConfigurationError("The data folder {$this->root} cannot be written; give it to the user that runs PHP, or set data_dir");
        }
    }

    /**
     * Writes the secret under a temporary name and links it into place, so that two first requests agree on one secret.
     */
    private function createSecret(string $file): void
    {
        $own = "$file." . bin2hex(random_bytes(8));
        if (@file_put_contents($own, random_bytes(32)) === false) {
            throw new ConfigurationError("The server secret $file cannot be written; give the data folder to the user that runs PHP");
        }
        chmod($own, 0600);
        if (!@link($own, $file) && !is_file($file)) {
            rename($own, $file);
        }
        if (is_file($own)) {
            unlink($own);
        }
    }
}
