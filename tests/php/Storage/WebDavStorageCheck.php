<?php

declare(strict_types=1);

namespace CrowdSky\Tests\Storage;

use CrowdSky\Storage\ObjectStorage;
use CrowdSky\Storage\StorageUnavailable;
use CrowdSky\Storage\WebDavClient;
use CrowdSky\Storage\WebDavStorage;

/**
 * The contract on a real WebDAV server, which tests/contract/storage/test_php_storage.py starts; by its name it is left out
 * where PHPUnit runs alone.
 */
final class WebDavStorageCheck extends ObjectStorageContract
{
    protected function storage(string $emptyFolder): ObjectStorage
    {
        return new WebDavStorage(new WebDavClient((string) getenv('SHARE_URL'), (string) getenv('SHARE_TOKEN')));
    }

    public function testAWrongTokenIsNotTakenForAMissingFile(): void
    {
        $storage = new WebDavStorage(new WebDavClient((string) getenv('SHARE_URL'), 'wrong'));

        $this->expectException(StorageUnavailable::class);
        $storage->size('/crowdsky/none.fits');
    }

    public function testAWrongTokenIsNotTakenForAnEmptyFolder(): void
    {
        $storage = new WebDavStorage(new WebDavClient((string) getenv('SHARE_URL'), 'wrong'));

        $this->expectException(StorageUnavailable::class);
        foreach ($storage->list('/crowdsky') as $object) {
            self::fail("{$object->path} was listed");
        }
    }
}
