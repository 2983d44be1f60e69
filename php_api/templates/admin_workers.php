<?php
/**
 * @var list<array<string, mixed>> $workers
 * @var list<array<string, mixed>> $running
 * @var list<CrowdSky\Workers\ApiKey> $keys
 * @var ?string $newKey
 * @var string $silentBefore
 * @var string $csrfToken
 * @var Closure $e
 * @var Closure $time
 */
use CrowdSky\View\Format;
use CrowdSky\Workers\KeyStore;

?>
<h1>Workers</h1>
<?php if ($newKey !== null) : ?>
<div class="note" role="status">
    <p>This is the new key. It is shown only now; set it as <code>WORKER_API_KEY</code> of the worker.</p>
    <p><code class="long"><?= $e($newKey) ?></code></p>
</div>
<?php endif ?>
<?php if ($workers === []) : ?>
<p class="empty">No worker has asked for work yet. Create a key below and give it to one.</p>
<?php else : ?>
<table class="stacked">
    <thead><tr><th>Worker</th><th>Key</th><th>Version</th><th>Last seen</th><th>Works on</th><th>Done</th><th>Failed</th></tr></thead>
    <tbody>
<?php foreach ($workers as $worker) : ?>
        <tr>
            <td data-label="Worker"><?= $e($worker['worker_name']) ?></td>
            <td data-label="Key"><?= $e($worker['key_name']) ?><?= $worker['revoked_at'] === null ? '' : ' (revoked)' ?></td>
            <td data-label="Version"><?= $e($worker['version'] ?? Format::NONE) ?></td>
            <td data-label="Last seen"><?= $time($worker['last_seen_at']) ?><?= $worker['last_seen_at'] < $silentBefore ? ' <span class="hint">silent</span>' : '' ?></td>
            <td data-label="Works on">
<?php foreach ($running as $job) : ?>
<?php if ($job['worker_name'] === $worker['worker_name'] && $job['api_key_id'] === $worker['api_key_id']) : ?>
                <a href="job.php?id=<?= $e($job['id']) ?>">job <?= $e($job['id']) ?></a> <?= $e($job['stage'] ?? '') ?>
<?php endif ?>
<?php endforeach ?>
            </td>
            <td data-label="Done"><?= $e($worker['jobs_completed']) ?></td>
            <td data-label="Failed"><?= $e($worker['jobs_failed']) ?></td>
        </tr>
<?php endforeach ?>
    </tbody>
</table>
<?php endif ?>
<h2>Keys</h2>
<form class="inline" method="post" action="admin_workers.php">
    <input type="hidden" name="csrf_token" value="<?= $e($csrfToken) ?>">
    <label for="key-name">Name of a new key</label>
    <input id="key-name" name="name" required maxlength="64" placeholder="observatory">
    <label><input type="checkbox" name="trusted" value="1"> Trusted: sees the position of telescopes</label>
    <button name="action" value="create">Create key</button>
</form>
<?php if ($keys !== []) : ?>
<table class="stacked">
    <thead><tr><th>Name</th><th>Key</th><th>Created</th><th>Last used</th><th>From</th><th></th></tr></thead>
    <tbody>
<?php foreach ($keys as $key) : ?>
        <tr>
            <td data-label="Name"><?= $e($key->name) ?><?= $key->allows(KeyStore::SCOPE_TRUSTED) ? ' <span class="hint">trusted</span>' : '' ?></td>
            <td data-label="Key"><code><?= $e($key->hint) ?>…</code></td>
            <td data-label="Created"><?= $time($key->createdAt) ?></td>
            <td data-label="Last used"><?= $time($key->lastUsedAt) ?></td>
            <td data-label="From"><?= $e($key->lastIp ?? Format::NONE) ?></td>
            <td>
<?php if ($key->revokedAt === null) : ?>
                <form method="post" action="admin_workers.php">
                    <input type="hidden" name="csrf_token" value="<?= $e($csrfToken) ?>">
                    <input type="hidden" name="key_id" value="<?= $e($key->id) ?>">
                    <button class="second" name="action" value="revoke">Revoke</button>
                </form>
<?php else : ?>
                revoked <?= $time($key->revokedAt) ?>
<?php endif ?>
            </td>
        </tr>
<?php endforeach ?>
    </tbody>
</table>
<?php endif ?>
