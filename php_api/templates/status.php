<?php
/**
 * @var list<array<string, mixed>> $sessions
 * @var bool $isDeleted
 * @var Closure $e
 * @var Closure $time
 */
use CrowdSky\Base\Format;

?>
<h1>My uploads</h1>
<?php if ($isDeleted) : ?>
<p class="note" role="status">The job was deleted with its subs and its stack.</p>
<?php endif ?>
<?php if ($sessions === []) : ?>
<div class="empty">
    <p>You have not uploaded anything yet.</p>
    <p><a class="button" href="upload.php">Upload your first subs</a></p>
</div>
<?php else : ?>
<div class="scroll" role="region" aria-label="Uploads" tabindex="0">
<table class="stacked">
    <thead><tr><th>Upload</th><th>Started</th><th>State</th><th>Files</th><th>Size</th><th>Chunks</th></tr></thead>
    <tbody>
<?php foreach ($sessions as $session) : ?>
        <tr>
            <td data-label="Upload"><a href="status.php?session=<?= $e($session['session_token']) ?>">Upload <?= $e($session['id']) ?></a></td>
            <td data-label="Started"><?= $time($session['created_at']) ?></td>
            <td data-label="State"><?= $e(Format::session($session['status'])) ?></td>
            <td data-label="Files"><?= $e($session['files']) ?></td>
            <td data-label="Size"><?= $e(Format::bytes($session['bytes'])) ?></td>
            <td data-label="Chunks"><span class="states">
<?php foreach ($session['jobs'] as $status => $count) : ?>
                <span class="state <?= $e($status) ?>"><?= $e($count) ?> <?= $e(Format::state($status)) ?></span>
<?php endforeach ?>
<?= $session['jobs'] === [] ? $e(Format::NONE) : '' ?></span></td>
        </tr>
<?php endforeach ?>
    </tbody>
</table>
</div>
<?php endif ?>
