<?php
/**
 * @var string $csrfToken
 * @var int $maxFileBytes
 * @var int $chunkMinutes
 * @var int $maxFormFiles
 * @var CrowdSky\Uploads\Room $room
 * @var list<array{id: int, token: string, files: int}> $unfinished
 * @var list<string> $zoneless telescopes with local times whose zone is not known
 * @var Closure $e
 * @var Closure $partial
 */
use CrowdSky\Base\Format;

?>
<h1>Upload subs</h1>
<?= $partial('zone_banner', ['zoneless' => $zoneless]) ?>
<?php foreach ($unfinished as $upload) : ?>
<form method="post" action="finalize.php" class="note waiting">
    <input type="hidden" name="csrf_token" value="<?= $e($csrfToken) ?>">
    <input type="hidden" name="session_token" value="<?= $e($upload['token']) ?>">
    <p><?= $e(Format::count($upload['files'], 'sub waits', 'subs wait')) ?> in
        <a href="status.php?session=<?= $e($upload['token']) ?>">Upload <?= $e($upload['id']) ?></a>,
        which was not finished.</p>
    <button class="second">Stack <?= $upload['files'] === 1 ? 'it' : 'them' ?></button>
</form>
<?php endforeach ?>
<p>Choose the raw <code>Light_….fit</code> frames as the telescope wrote them, at most
    <?= $e(Format::bytes($maxFileBytes)) ?> each.
    Frames of one field are stacked in chunks of <?= $e($chunkMinutes) ?> minutes.</p>
<?php if ($room->quotaBytes !== null) : ?>
<p>You have <strong id="remaining"><?= $e(Format::bytes($room->remainingBytes())) ?></strong> left of
    <?= $e(Format::bytes($room->quotaBytes)) ?> for raw subs. Room comes back as your chunks are stacked.</p>
<?php endif ?>
<form id="upload" class="drop" method="post" action="upload_form.php" enctype="multipart/form-data"
      data-max-bytes="<?= $e($maxFileBytes) ?>">
    <input type="hidden" name="csrf_token" value="<?= $e($csrfToken) ?>">
    <p><label for="files">Choose FITS files</label><span class="with-script"> or drop them here</span></p>
    <input id="files" type="file" name="files[]" multiple accept=".fit,.fits,.FIT,.FITS">
    <button class="without-script">Upload and stack</button>
    <p class="hint without-script">Without JavaScript at most <?= $e($maxFormFiles) ?> files go up at a time.</p>
</form>
<p id="zone" class="note waiting" role="status" hidden>Among these subs are some with local times of an unknown time zone.
    <a href="account.php#zones" target="_blank">Set the telescope's time zone</a> before they are stacked: without it
    their stacks have no times in UTC.</p>
<section id="done" class="note" hidden role="status"></section>
<section id="queue" hidden aria-label="Files">
    <p id="summary" role="status" aria-live="polite"></p>
    <p id="actions" class="actions">
        <button id="finalize" type="button" disabled>Stack these subs</button>
        <button id="retry" type="button" class="second" hidden>Send the unfinished ones again</button>
    </p>
    <ul id="list" class="files"></ul>
</section>
<script src="assets/upload.js" defer></script>
