<?php
/**
 * @var string $csrfToken
 * @var int $maxFileBytes
 * @var int $chunkMinutes
 * @var int $maxFormFiles
 * @var CrowdSky\Uploads\Room $room
 * @var Closure $e
 */
use CrowdSky\View\Format;

?>
<h1>Upload subs</h1>
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
<section id="queue" hidden aria-label="Files">
    <p id="summary" role="status" aria-live="polite"></p>
    <p class="actions">
        <button id="finalize" type="button" disabled>Stack these subs</button>
        <button id="retry" type="button" class="second" hidden>Send the unfinished ones again</button>
    </p>
    <ul id="list" class="files"></ul>
</section>
<section id="done" class="note" hidden role="status"></section>
<script src="assets/upload.js" defer></script>
