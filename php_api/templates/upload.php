<?php
/**
 * @var string $csrfToken
 * @var int $maxFileBytes
 * @var int $chunkMinutes
 * @var int $maxFormFiles
 * @var int $rawGraceHours
 * @var CrowdSky\Uploads\Room $room
 * @var CrowdSky\Pages\Html $remaining the room that is left, where the script can change it
 * @var list<array{id: int, token: string, files: int, bytes: int, last_activity_at: string}> $unfinished
 * @var list<string> $zoneless telescopes with local times whose zone is not known
 * @var CrowdSky\Pages\TemplateTexts $t
 * @var CrowdSky\Pages\Texts $texts
 * @var Closure $e
 * @var Closure $time
 * @var Closure $partial
 */
use CrowdSky\Pages\Figures;

?>
<h1><?= $t('Upload subs') ?></h1>
<?= $partial('zone_banner', ['zoneless' => $zoneless]) ?>
<?php foreach ($unfinished as $upload) : ?>
<?= $partial('unfinished_upload', ['upload' => $upload]) ?>
<?php endforeach ?>
<form id="upload" class="drop" method="post" action="upload_form.php" enctype="multipart/form-data">
    <input type="hidden" name="csrf_token" value="<?= $e($csrfToken) ?>">
    <p class="drop-words with-script"><?= $t('Drop a folder or files here') ?></p>
    <div class="drop-buttons">
        <button id="choose-folder" type="button" class="with-script"><?= $t('Choose a folder') ?></button>
        <label for="files" class="button second with-script"><?= $t('Choose files') ?></label>
    </div>
    <input id="files" type="file" name="files[]" multiple aria-label="<?= $t('Choose files') ?>" accept=".fit,.fits,.FIT,.FITS">
    <input id="folder" type="file" webkitdirectory tabindex="-1" aria-label="<?= $t('Choose a folder') ?>" hidden>
    <p class="without-script"><button><?= $t('Upload and stack') ?></button></p>
    <p class="hint without-script"><?= $t('Without JavaScript at most {n} files go up at a time.', ['n' => $maxFormFiles]) ?></p>
    <p class="hint"><?= $t('The raw <code>Light_….fit</code> frames as the telescope wrote them, at most {size} each. Frames of one field are stacked in chunks of {minutes} minutes.', ['size' => Figures::bytes($texts, $maxFileBytes), 'minutes' => $chunkMinutes]) ?></p>
<?php if ($room->quotaBytes !== null) : ?>
    <p class="hint"><?= $t('You have {left} left of {quota} for raw subs. A sub leaves the site {hours} hours after its stack is stored, and makes room then.', [
        'left' => $remaining,
        'quota' => Figures::bytes($texts, $room->quotaBytes),
        'hours' => $rawGraceHours,
    ]) ?></p>
<?php endif ?>
    <p id="again" class="note" role="status" hidden><?= $t('Choose the same folder once more: what has arrived is recognised, and only what is missing is sent.') ?></p>
</form>
<p id="zone" class="note waiting" role="status" hidden><?= $t('Among these subs are some with local times of an unknown time zone. <a href="account.php#zones" target="_blank">Set the telescope’s time zone</a> before they are stacked: without it their stacks have no times in UTC.') ?></p>
<section id="done" class="note" hidden role="status"></section>
<section id="queue" class="upload-progress" hidden aria-label="<?= $t('Upload') ?>">
    <div id="trouble" class="note waiting" role="status" hidden>
        <p><strong id="trouble-text"></strong> <span id="trouble-detail"></span> <span id="trouble-wait" class="hint" aria-live="off"></span>
            <a id="trouble-login" href="login.php?next=upload.php" target="_blank" hidden><?= $t('Log in') ?></a></p>
    </div>
    <progress id="bar" max="1" value="0" aria-label="<?= $t('How much has arrived') ?>"></progress>
    <p id="summary" role="status" aria-live="off"></p>
    <p class="actions">
        <button id="finalize" type="button" hidden><?= $t('Stack these subs') ?></button>
        <button id="go-on" type="button" hidden><?= $t('Go on') ?></button>
        <button id="pause" type="button" class="second" hidden><?= $t('Pause') ?></button>
        <button id="discard" type="button" class="second" hidden><?= $t('Discard…') ?></button>
    </p>
</section>
<section id="plan" class="plan" hidden aria-label="<?= $t('What was found') ?>">
    <div id="reading" hidden>
        <p id="reading-text" role="status" aria-live="off"></p>
        <progress id="reading-bar" max="1" value="0" aria-label="<?= $t('How many files were looked at') ?>"></progress>
    </div>
    <div id="found" hidden>
        <h2><?= $t('Before anything is sent') ?></h2>
        <dl id="totals" class="totals"></dl>
        <ul id="reasons" class="reasons" hidden></ul>
        <div id="chunks" class="scroll chunks" role="region" aria-label="<?= $t('Chunks') ?>" tabindex="0" hidden>
            <table class="stacked">
                <thead><tr><th><?= $t('Object') ?></th><th><?= $t('Begins') ?></th><th><?= $t('Subs') ?></th><th><?= $t('Exposure') ?></th><th><?= $t('Filter') ?></th><th><?= $t('Telescope') ?></th></tr></thead>
                <tbody id="chunk-rows"></tbody>
            </table>
        </div>
        <details id="telescopes" class="positions" hidden>
            <summary><?= $t('Where your telescope stood') ?></summary>
            <p class="hint"><?= $t('Many telescopes write their position into every sub. It is kept out of your stacks and from the workers of volunteers, unless you allow it for a telescope. Your choice is remembered.') ?></p>
            <p><?= $t('Whoever works on my subs may read the position of:') ?></p>
            <ul id="telescope-choices"></ul>
        </details>
        <p class="actions">
            <button id="send" type="button"></button>
            <button id="put-away" type="button" class="second"><?= $t('Put away') ?></button>
        </p>
    </div>
</section>
<section id="files-found" hidden aria-label="<?= $t('Files') ?>">
    <fieldset id="views" class="views-of-files">
        <legend class="hidden"><?= $t('Which files are shown') ?></legend>
        <label><input type="radio" name="view" value="all" checked> <?= $t('All') ?> <span data-count="all">0</span></label>
        <label><input type="radio" name="view" value="send"> <?= $t('To send') ?> <span data-count="send">0</span></label>
        <label><input type="radio" name="view" value="stored"> <?= $t('Received') ?> <span data-count="stored">0</span></label>
        <label><input type="radio" name="view" value="here"> <?= $t('Already here') ?> <span data-count="here">0</span></label>
        <label><input type="radio" name="view" value="refused"> <?= $t('Cannot be used') ?> <span data-count="refused">0</span></label>
    </fieldset>
    <div id="list" class="file-list" role="region" aria-label="<?= $t('Files') ?>" tabindex="0"><ul id="rows" role="list"></ul></div>
</section>
<dialog id="ask" aria-labelledby="ask-text">
    <form method="dialog">
        <p id="ask-text"></p>
        <p class="actions"><button id="ask-yes" value="yes"></button> <button class="second" value=""><?= $t('No, wait') ?></button></p>
    </form>
</dialog>
<?= $partial('upload_sentences', []) ?>
<script type="module" src="assets/js/upload/page.js"></script>
