#' # Who else could supply?
#'
#' China depends on a product, and one country sells it most of what it needs. Is that a choice, because others sell it too, or is there
#' hardly anybody else? This is base R, without packages, on the CSV files that entrepot exports:
#'
#'     entrepot run
#'     entrepot export --format csv --to csv
#'     Rscript 4-who-else-could-supply.R csv who-else.pdf
#'
#' The first argument is the folder of the files, the second the chart to write; a third asks about another year. Lines that
#' begin with #' are text: in RStudio, or by knitr::spin, the script is a report, and without either of them it runs as it is.

arguments <- commandArgs(trailingOnly = TRUE)
folder <- if (length(arguments) >= 1) arguments[1] else "csv"
chart <- if (length(arguments) >= 2) arguments[2] else "who-else.pdf"
asked <- if (length(arguments) >= 3) as.integer(arguments[3]) else 2023L

#' Codes keep their leading zeros as texts, an empty cell is not known (NA, which is not zero), and true and false are
#' logical. What a column means stands in dictionary.csv.

read_table <- function(name) {
  file <- file.path(folder, paste0(name, ".csv"))
  if (!file.exists(file)) stop(file, " is missing: entrepot export --format csv --to ", folder, call. = FALSE)
  header <- names(read.csv(file, nrows = 1, fileEncoding = "UTF-8-BOM"))
  texts <- c("hs6", "code", "hs4")
  read.csv(file, fileEncoding = "UTF-8-BOM", na.strings = "", encoding = "UTF-8",
           colClasses = ifelse(header %in% texts, "character", NA)) |>
    transform_logical()
}

transform_logical <- function(table) {
  for (name in names(table)) {
    if (is.character(table[[name]]) && all(table[[name]] %in% c("true", "false", NA))) table[[name]] <- table[[name]] == "true"
  }
  table
}

#' ## What did it depend on?

figure14 <- read_table("import_dependence")
known <- figure14[!is.na(figure14$dependent_share) & figure14$partial %in% FALSE, ]
year <- if (asked %in% known$year) asked else max(known$year)
of_year <- known[known$year == year, ]
who <- of_year$reporter_name[1]
cat(sprintf("In %d %s depended on imports for %d of %d products.\n", year, who,
            as.integer(sum(of_year$codes_dependent)), as.integer(sum(of_year$codes_traded))))

codes <- read_table("import_dependence_hs6")
codes <- codes[codes$year == year & !is.na(codes$sector) & codes$dependent %in% TRUE, ]
stopifnot(nrow(codes) == sum(figure14$codes_dependent[figure14$year == year], na.rm = TRUE))

#' ## From whom?
#'
#' The largest supplier of each, and what it has of all exports in the world. `partner_coverage` below 1 means that the files do not
#' list all imports by partner.

of_table <- function(name) {
  rows <- read_table(name)
  rows[rows$year == year & rows$level == 6, ]
}
largest <- of_table("suppliers")
largest <- largest[largest$rank == 1, c("code", "partner", "partner_name", "partner_iso3", "partner_share")]
world <- of_table("exporters")
from <- merge(codes[, c("hs6", "product", "sector_label", "imports_usd")], largest, by.x = "hs6", by.y = "code", all.x = TRUE)
from <- merge(from, world[, c("code", "exporter", "export_share")], by.x = c("hs6", "partner"), by.y = c("code", "exporter"), all.x = TRUE)
names(from)[names(from) == "export_share"] <- "share_of_world"
unlisted <- sum(is.na(from$partner))
if (unlisted > 0) cat(sprintf("Of %d of them no file lists imports by partner: from whom they come is not known.\n", unlisted))

#' ## Who else?
#'
#' The largest exporter that is neither that supplier nor the reporter itself, and what all of these others have of world exports.

rivals <- merge(from[, c("hs6", "partner")], world[, c("code", "exporter", "exporter_name", "export_share")], by.x = "hs6", by.y = "code")
rivals <- rivals[rivals$exporter != figure14$reporter[1] & !(rivals$exporter == rivals$partner) %in% TRUE, ]
rivals <- rivals[order(rivals$hs6, -rivals$export_share), ]
next_one <- rivals[!duplicated(rivals$hs6), c("hs6", "exporter_name", "export_share")]
names(next_one) <- c("hs6", "next_exporter", "next_share")
others <- aggregate(list(others_share = rivals$export_share), by = list(hs6 = rivals$hs6), FUN = sum)
from <- merge(merge(from, next_one, by = "hs6", all.x = TRUE), others, by = "hs6", all.x = TRUE)
from <- from[order(-from$imports_usd), ]
stopifnot(nrow(from) == nrow(codes))
stopifnot(all(abs(tapply(world$export_share, world$code, sum) - 1) < 1e-6))
stopifnot(all(from$others_share + ifelse(is.na(from$share_of_world), 0, from$share_of_world) <= 1 + 1e-6, na.rm = TRUE))

shown <- transform(head(from, 15), imports_bn = round(imports_usd / 1e9, 2), of_imports = round(partner_share, 2),
                   of_world = round(share_of_world, 2), next_has = round(next_share, 2), product = substr(product, 1, 34))
print(shown[, c("hs6", "product", "imports_bn", "partner_name", "of_imports", "of_world", "next_exporter", "next_has")], row.names = FALSE)

#' *Bound* is a product of which one country supplies more than half, and the same country more than half of the world: elsewhere there is
#' little to be had now. Of others, those who are not that supplier export more than it does.

one <- from[which(from$partner_share > 0.5), ]
bound <- one[which(one$share_of_world > 0.5), ]
choice <- one[which(one$others_share > one$share_of_world), ]
cat(sprintf("In %d products one country supplies more than half. Of %d it has most of world exports, too; of %d others export more.\n",
            nrow(one), nrow(bound), nrow(choice)))
if (nrow(bound) > 0) cat(paste0("Bound: ", bound$hs6, " ", substr(bound$product, 1, 50), " (", bound$partner_name, ")\n"), sep = "")

#' ## How sure is that?
#'
#' The count at other cut-offs, and how whole world exports are. Where `low_coverage` is true, shares of world exports are too high
#' for all who are in the files. And what a supplier has of world exports holds what it sells to the reporter: of a product that hardly
#' anybody else buys, one country may have most of the exports without being the only one that could.

sensitivity <- read_table("import_dependence_sensitivity")
sensitivity <- sensitivity[sensitivity$year == year, ]
print(aggregate(cbind(codes_dependent, codes_traded, codes_near) ~ ratio, data = sensitivity, FUN = sum), row.names = FALSE)
coverage <- read_table("coverage")
coverage <- coverage[coverage$year == year, ]
cat(sprintf("%d reporters are in the files, %d have exports in other years only; low coverage: %s.\n", as.integer(coverage$reporters[1]),
            as.integer(coverage$reporters_missing[1]), if (coverage$low_coverage[1]) "yes" else "no"))

#' ## A chart for a report
#'
#' A line for each product of which one country supplies more than half. The full dot is what this country has of imports, the open
#' dot what it has of world exports. Where the open dot lies far to the left, others could be asked; where both lie to the right
#' (orange), there is hardly anybody to ask.

drawn <- head(one[!is.na(one$share_of_world), ], 25)
drawn <- drawn[order(drawn$share_of_world), ]
rows <- seq_len(nrow(drawn))
color <- ifelse(drawn$hs6 %in% bound$hs6, "#c4510b", "#1f4e79")
pdf(chart, width = 7.5, height = 1.9 + 0.22 * length(rows), title = "Who else could supply?")
par(mar = c(4.2, 17, 4, 1), family = "sans", las = 1)
plot(NULL, xlim = c(0, 1), ylim = c(0.5, length(rows) + 0.5), xlab = "", ylab = "", axes = FALSE)
abline(v = seq(0, 1, 0.25), col = "#e4e4e4")
axis(1, at = seq(0, 1, 0.25), labels = paste(100 * seq(0, 1, 0.25), "%"), tick = FALSE, cex.axis = 0.8)
cut_short <- function(text, n) ifelse(nchar(text) > n, paste0(sub("[ ,;]+$", "", substr(text, 1, n - 3)), "..."), text)
labels <- paste0(drawn$hs6, " ", cut_short(drawn$product, 28), " (", drawn$partner_iso3, ")")
axis(2, at = rows, labels = labels, tick = FALSE, cex.axis = 0.68, hadj = 1)
segments(drawn$share_of_world, rows, drawn$partner_share, rows, col = color, lwd = 2)
points(drawn$share_of_world, rows, pch = 21, bg = "white", col = color, lwd = 1.6)
points(drawn$partner_share, rows, pch = 21, bg = color, col = color)
margin <- function(text, side, line, ...) mtext(text, side = side, line = line, at = grconvertX(0.02, "ndc", "user"), adj = 0, ...)
margin(sprintf("%d products that hardly anybody else exports", nrow(bound)), 3, 2.4, cex = 1.2, font = 2)
said <- sprintf("%s's dependences with one supplier above half, %d: its share of imports (full) and of world exports (open)", who, year)
margin(said, 3, 1.2, cex = 0.72, col = "#555555")
about <- readLines(file.path(folder, "about.txt"), encoding = "UTF-8")
margin(sub("^How to cite: ", "", grep("^How to cite: ", about, value = TRUE)[1]), 1, 2.8, cex = 0.55, col = "#555555")
invisible(dev.off())
cat(sprintf("%d products are drawn in %s.\n", nrow(drawn), basename(chart)))
