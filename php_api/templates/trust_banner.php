<?php
/**
 * @var list<CrowdSky\Workers\ApiKey> $quarantined
 * @var Closure $e
 * @var Closure $time
 */
foreach ($quarantined as $key) : ?>
<p class="problem" role="alert"><strong>A result of the key “<?= $e($key->name) ?>” was found wrong.</strong>
    <?= $e(ucfirst((string) $key->quarantineReason)) ?>. It has had no work since <?= $time($key->quarantinedAt) ?>.
    Revoke it, or lift this on the page <a href="admin_workers.php#keys">Workers</a>.</p>
<?php endforeach ?>
